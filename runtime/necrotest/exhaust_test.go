package necrotest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
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
func exhaust(t *testing.T, only string, build func(*necrotest.World), events ...necro.Event) (j *judge) {
	t.Helper()
	j = &judge{TB: t}
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

// TestExhaustAccepts has topologies that are right, each in its own way.
func TestExhaustAccepts(t *testing.T) {
	for _, test := range []struct {
		name  string
		build func(*necrotest.World)
	}{
		{"slow handlers, whose leases are renewed", func(w *necrotest.World) {
			w.InMemory = []necro.Organ{&Clerk{slow}}
		}},
		{"strict order behind failures", func(w *necrotest.World) {
			gateway := &Gateway{Keys: map[necro.ID]bool{}}
			w.Organs = func() []necro.Organ { return []necro.Organ{&Cashier{gateway}} }
			w.Options = []necro.Option{necro.WithPolicy("necrotest.cashier", necro.Order(necro.OrderStrict))}
			w.Snapshot = func() any { return gateway.Charges }
		}},
		{"an organ that halts", func(w *necrotest.World) {
			gateway := &Gateway{Keys: map[necro.ID]bool{}}
			w.Organs = func() []necro.Organ { return []necro.Organ{&Cashier{gateway}} }
			w.Options = []necro.Option{necro.WithPolicy("necrotest.cashier", necro.OnFail(necro.Halt))}
		}},
		{"panics", func(w *necrotest.World) {
			w.Organs = func() []necro.Organ {
				return []necro.Organ{&Clerk{func(context.Context, *Placed) string { panic("no stamp") }}}
			}
		}},
		{"a count that is in a journal", func(w *necrotest.World) {
			stamps := map[necro.ID]string{}
			w.Organs = func() []necro.Organ { return []necro.Organ{&Clerk{journalled(stamps)}} }
			w.Snapshot = func() any { return stamps }
		}},
		{"publishing with an id of its own", func(w *necrotest.World) {
			w.Organs = func() []necro.Organ {
				return []necro.Organ{&Clerk{func(ctx context.Context, p *Placed) string {
					meta, _ := necro.MetaFrom(ctx)
					if w.Publish(ctx, &Flagged{p.ID}, necro.WithID(meta.DeliveryID)) != nil {
						panic("try again")
					}
					return ""
				}}}
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if faults := necrotest.Exhaust(t, test.build, placed(5)...); faults == 0 {
				t.Error("no faults")
			}
		})
	}
}

// TestExhaustStrikesEveryCall wants faults at all calls of the seam, in a topology that makes all.
func TestExhaustStrikesEveryCall(t *testing.T) {
	j := exhaust(t, "", func(w *necrotest.World) {
		gateway := &Gateway{Keys: map[necro.ID]bool{}}
		w.Organs = func() []necro.Organ { return []necro.Organ{&Cashier{gateway}, &Clerk{slow}} }
		w.Options = []necro.Option{necro.WithPolicy("necrotest.cashier", necro.Order(necro.OrderStrict))}
	}, placed(6)...)
	if len(j.errors) > 0 {
		t.Errorf("found:\n%s", strings.Join(j.errors, "\n"))
	}
	said := strings.Join(j.logs, "\n")
	for _, call := range []string{"extend", "fetch", "publish", "release", "settle", "subscribe"} {
		if !strings.Contains(said, call+" ") {
			t.Errorf("no call of %s: %s", call, said)
		}
	}
}

func TestExhaustReplaysOneFault(t *testing.T) {
	const fault = "one by one: necrotest.ledger settle 2: lease lost"
	j := exhaust(t, fault, shop(remembersNone), placed(6)...)
	said, logged := strings.Join(j.errors, "\n"), strings.Join(j.logs, "\n")
	for _, want := range []string{
		`snapshot: [4,["order 0","order 1","order 1","order 4","order 5"]]`,
		"NECROTEST_FAULT='" + fault + "' go test -v -run '^TestCrashes$/^shop$' .",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("not reported: %s", want)
		}
	}
	for _, want := range []string{"1 faults", "<- lease lost", `CHARGED {"ID":"order 1"`, "was in flight"} {
		if !strings.Contains(logged, want) {
			t.Errorf("not logged: %s", want)
		}
	}
	if t.Failed() {
		t.Logf("%s\n%s", said, logged)
	}
}

func TestExhaustRefuses(t *testing.T) {
	organs := func(organs ...necro.Organ) func(*necrotest.World) {
		return func(w *necrotest.World) { w.InMemory = organs }
	}
	for _, test := range []struct {
		name, only, want string
		build            func(*necrotest.World)
		events           []necro.Event
	}{
		{"no organs", "", "the World has no organs: set Organs or InMemory", func(*necrotest.World) {}, placed(1)},
		{"a nil organ", "", "an organ of the World is nil", organs(necro.Organ(nil)), placed(1)},
		{"no handlers", "", "nothing was handled", organs(&Books{}), placed(1)},
		{"an invalid event", "", "publish event 2: ", organs(&Clerk{slow}), []necro.Event{&Placed{ID: "a", Amount: 1}, &Placed{}}},
		{"an organ that is given twice", "", "organ necrotest.clerk is given twice", func(w *necrotest.World) {
			w.Organs = func() []necro.Organ { return []necro.Organ{&Clerk{slow}} }
			w.InMemory = w.Organs()
		}, placed(1)},
		{"options that are wrong", "", `WithPolicy("clark"): no such organ`, func(w *necrotest.World) {
			w.InMemory = []necro.Organ{&Clerk{slow}}
			w.Options = []necro.Option{necro.WithPolicy("clark", necro.Retry(1))}
		}, placed(1)},
		{"a fault that there is not", "a typing error", `NECROTEST_FAULT: there is no fault "a typing error" here`, organs(&Clerk{slow}), placed(1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := exhaust(t, test.only, test.build, test.events...)
			if len(j.errors) != 1 || !strings.Contains(j.errors[0], test.want) {
				t.Errorf("reported %q, want %q", j.errors, test.want)
			}
		})
	}
}

// TestExamples runs the examples, which are no tests themselves.
func TestExamples(t *testing.T) {
	t.Run("Exhaust", testCrashes)
	t.Run("Feed", testCharge)
	t.Run("Run", testRetries)
}

// TestOrgansTakeTheirTurnsAlongTheChains lists organs by what they handle and emit.
func TestOrgansTakeTheirTurnsAlongTheChains(t *testing.T) {
	types := map[string]*contract.EventType{}
	for _, name := range strings.Fields("A B C D") {
		types[name] = &contract.EventType{Name: name}
	}
	for _, test := range []struct{ organs, want string }{
		{"a:A", "a"},
		{"c:B>C b:A>B a:>A", "a b c"},
		{"all:ABCD d:C>D b:A>BC c:B>", "b d all c"},
		{"out:C loop:B>A a:A>BC", "loop a out"},
		{"self:A>A next:A", "self next"},
	} {
		var specs []contract.OrganSpec
		for _, organ := range strings.Fields(test.organs) {
			name, rest, _ := strings.Cut(organ, ":")
			in, out, _ := strings.Cut(rest, ">")
			spec := contract.OrganSpec{Name: name}
			for _, handled := range strings.Split(in, "") {
				r := contract.Route{Event: types[handled]}
				for _, emitted := range strings.Split(out, "") {
					r.Emits = append(r.Emits, types[emitted])
				}
				spec.Routes = append(spec.Routes, r)
			}
			if in == "" { // a source of its own
				spec.Routes = []contract.Route{{Event: &contract.EventType{Name: "S"}, Emits: []*contract.EventType{types[out]}}}
			}
			specs = append(specs, spec)
		}
		if got := strings.Join(necrotest.Ranks(specs), " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.organs, got, test.want)
		}
	}
}
