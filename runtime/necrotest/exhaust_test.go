package necrotest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// judge takes the place of the test that Exhaust reports to.
type judge struct {
	testing.TB
	errors, logs []string
}

func (*judge) Helper()          {}
func (*judge) Name() string     { return "TestCrashes/shop" }
func (j *judge) Error(a ...any) { j.errors = append(j.errors, fmt.Sprint(a...)) }
func (j *judge) Errorf(format string, a ...any) {
	j.errors = append(j.errors, fmt.Sprintf(format, a...))
}
func (j *judge) Fatalf(format string, a ...any) {
	j.Errorf(format, a...)
	panic(j)
}
func (j *judge) Log(a ...any)                 { j.logs = append(j.logs, fmt.Sprint(a...)) }
func (j *judge) Logf(format string, a ...any) { j.logs = append(j.logs, fmt.Sprintf(format, a...)) }

// exhaust returns what Exhaust reports.
func exhaust(t *testing.T, only string, build func(*necrotest.World), events ...necro.Event) *judge {
	t.Helper()
	j := &judge{TB: t}
	defer func() {
		if p := recover(); p != nil && p != any(j) {
			panic(p)
		}
	}()
	necrotest.ExhaustTo(t, j, only, build, events...)
	return j
}

// placed returns n orders with amounts from 11 on.
func placed(n int) (events []necro.Event) {
	for i := range n {
		events = append(events, &Placed{ID: fmt.Sprint("order ", i), Amount: 11 + i})
	}
	return events
}

func remembersAll(seen []necro.ID, id necro.ID) bool { return slices.Contains(seen, id) }

func remembersLatest(seen []necro.ID, id necro.ID) bool {
	return len(seen) > 0 && seen[len(seen)-1] == id
}

func remembersNone([]necro.ID, necro.ID) bool { return false }

// shop is a topology of which the ledger may be wrong.
func shop(remembers func([]necro.ID, necro.ID) bool) func(*necrotest.World) {
	return func(w *necrotest.World) {
		gateway := &Gateway{Keys: map[necro.ID]bool{}}
		ledger := &Ledger{remembers: remembers}
		w.Organs = func() []necro.Organ { return []necro.Organ{&Cashier{gateway}} }
		w.InMemory = []necro.Organ{ledger}
		w.Snapshot = func() any {
			return []any{gateway.Charges, slices.Sorted(slices.Values(ledger.entries))}
		}
	}
}

// TestExhaustFindsNothing has dead letters, retries, effects outside and an organ in memory.
func TestExhaustFindsNothing(t *testing.T) {
	if faults := necrotest.Exhaust(t, shop(remembersAll), placed(8)...); faults < 200 {
		t.Errorf("%d faults, want some hundred", faults)
	}
}

// TestExhaustFinds has topologies that are wrong, each in its own way.
func TestExhaustFinds(t *testing.T) {
	clerk := func(stamp func(context.Context, *Placed) string) func(*necrotest.World) {
		return func(w *necrotest.World) {
			w.Organs = func() []necro.Organ { return []necro.Organ{&Clerk{stamp}} }
		}
	}
	for _, test := range []struct {
		name  string
		build func(*necrotest.World)
		want  []string
	}{
		{"the clock", clerk(clock), []string{"handler Stamp of necrotest.clerk emits something else when it is called again", "no faults were tried"}},
		{"random numbers", clerk(dice), []string{"two runs without a fault differ", "handler Stamp of necrotest.clerk"}},
		{"the order of a map", clerk(mapOrder), []string{"handler Stamp of necrotest.clerk"}},
		{"a count that a repeat moves", func(w *necrotest.World) {
			w.InMemory = []necro.Organ{&Clerk{counting(false)}}
		}, []string{"handler Stamp of necrotest.clerk"}},
		{"a count that a crash forgets", func(w *necrotest.World) {
			w.Organs = func() []necro.Organ { return []necro.Organ{&Clerk{counting(true)}} }
		}, []string{"one by one: necrotest.clerk settle 2: crash before", "changed: CHARGED"}},
		{"entries that are made twice", shop(remembersNone), []string{"every delivery handled twice", "snapshot:", "necrotest.ledger settle 1: lease lost"}},
		{"only the latest event is remembered", shop(remembersLatest), []string{"every delivery handled twice", "in batches: necrotest.ledger settle 1: lease lost"}},
		{"publishing inside of a handler", func(w *necrotest.World) {
			w.Organs = func() []necro.Organ {
				return []necro.Organ{&Clerk{func(ctx context.Context, p *Placed) string {
					w.Publish(ctx, &Flagged{p.ID})
					return ""
				}}}
			}
		}, []string{"one by one: necrotest.clerk settle 1: crash before", "extra: FLAGGED", "published by a handler of necrotest.clerk: emit it",
			"missing: FLAGGED"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := exhaust(t, "", test.build, placed(6)...)
			said := strings.Join(j.errors, "\n")
			for _, want := range test.want {
				if !strings.Contains(said, want) {
					t.Errorf("not reported: %q", want)
				}
			}
			if t.Failed() || testing.Verbose() {
				t.Logf("reported:\n%s\n%s", said, strings.Join(j.logs, "\n"))
			}
		})
	}
}
