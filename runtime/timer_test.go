package necro_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// chime is the event of the tests' timers.
type chime struct{ ping }

var chimeType = contract.EventType{
	Name: "CHIME", Version: 1,
	New: func() necro.Event { return new(chime) },
	Is:  func(e necro.Event) bool { c, ok := e.(*chime); return ok && c != nil },
}

func (*chime) NecroEvent() *contract.EventType { return &chimeType }

// bell is a counter with a timer: start and ring are what its handlers do with it.
type bell struct {
	counter
	start func(s *tally, number string, out *contract.Emissions) error
	ring  func(s *tally, out *contract.Emissions) error
}

func (b *bell) NecroOrgan() contract.OrganSpec {
	spec := b.counter.NecroOrgan()
	r := &spec.Routes[0]
	r.Timers = []*contract.EventType{&chimeType}
	r.Handle = func(ctx context.Context, _ contract.Event, out *contract.Emissions) error {
		m, _ := necro.MetaFrom(ctx)
		s := out.State.(*tally)
		s.text += m.Headers["n"] + " "
		return b.start(s, m.Headers["n"], out)
	}
	spec.Routes = append(spec.Routes, contract.Route{
		Event: &chimeType, Method: "Ring", State: true, Timers: r.Timers,
		Handle: func(_ context.Context, _ contract.Event, out *contract.Emissions) error {
			s := out.State.(*tally)
			s.text += "ring "
			if b.ring == nil {
				return nil
			}
			return b.ring(s, out)
		},
	})
	return spec
}

// bellSpine returns a spine that runs the bell over a backend.
func bellSpine(t *testing.T, b necro.Backend, organ *bell) *necro.Spine {
	t.Helper()
	s, err := necro.New(b, necro.WithOrgans(organ), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runFor runs a spine for a virtual time.
func runFor(t *testing.T, s *necro.Spine, d time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestTimerStartsItselfAgain, more often than a chain may have hops. The last one is left to nobody.
func TestTimerStartsItselfAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		organ := &bell{counter: counter{policy: contract.Policy{MaxHops: 1}}}
		organ.start = func(_ *tally, _ string, out *contract.Emissions) error {
			necro.StartTimer(time.Second, &chime{}).AddTo(out)
			return nil
		}
		organ.ring = func(s *tally, out *contract.Emissions) error {
			if strings.Count(s.text, "ring") < 5 {
				necro.StartTimer(time.Second, &chime{}).AddTo(out)
			}
			return nil
		}
		b := memory.New()
		s := bellSpine(t, b, organ)
		publishNumbers(t, s, "k", 1)
		begun := time.Now()
		runFor(t, s, time.Minute)
		wantTally(t, s, "k", "0 ring ring ring ring ring ")
		if h := s.Health(t.Context()).Backend; h.Delayed != 0 || time.Since(begun) != time.Minute {
			t.Errorf("%d timers are left after %s", h.Delayed, time.Since(begun))
		}
	})
}

// TestTimerEndsWithItsRecord: past its ttl a record counts as absent, and its timer does nothing.
func TestTimerEndsWithItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tallyType.TTL = 10 * time.Second
		defer func() { tallyType.TTL = 0 }()
		delays := []time.Duration{20 * time.Second, 5 * time.Second}
		organ := &bell{start: func(_ *tally, n string, out *contract.Emissions) error {
			necro.StartTimer(delays[n[0]-'0'], &chime{}).AddTo(out)
			return nil
		}}
		s := bellSpine(t, memory.New(), organ)
		publishNumbers(t, s, "gone", 1)
		publishNumbers(t, s, "kept", 2)
		runFor(t, s, 12*time.Second)
		wantTally(t, s, "gone", "")
		wantTally(t, s, "kept", "0 1 ring ")
		runFor(t, s, time.Minute)
		wantTally(t, s, "gone", "")
		wantTally(t, s, "kept", "")
	})
}

// TestTimerStoppedBesideIt has the event that stops a timer in one batch with the timer, whose settle is not over when the timer
// is looked at.
func TestTimerStoppedBesideIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rung := 0
		organ := &bell{start: func(_ *tally, n string, out *contract.Emissions) error {
			if n == "0" {
				necro.StartTimer(time.Second, &chime{}).AddTo(out)
			} else {
				necro.StopTimer[chime]().AddTo(out)
			}
			return nil
		}, ring: func(*tally, *contract.Emissions) error {
			rung++
			return nil
		}}
		s := bellSpine(t, memory.New(memory.WithCopy()), organ)
		publishNumbers(t, s, "k", 1)
		drainState(t, s)
		for _, key := range append(slices.Repeat([]string{"other"}, 8), "k") { // the batches have grown when the last one comes
			if err := s.Publish(t.Context(), &ping{}, necro.WithKey(key), necro.WithHeader("n", "1")); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Second) // the timer is due, and stands behind them
		drainState(t, s)
		wantTally(t, s, "k", "0 1 ")
		if rung != 0 {
			t.Errorf("a timer that was stopped has rung %d times", rung)
		}
	})
}

// TestStoppedTimerIsNoTrial: the one delivery that a breaker lets through when its pause is over comes from a timer that was
// stopped. It says nothing of what the organ depends on, and the next one is let through.
func TestStoppedTimerIsNoTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := true
		organ := &bell{counter: counter{policy: contract.Policy{Retry: 1, BreakerCount: 1, BreakerPause: time.Minute}}}
		organ.start = func(_ *tally, n string, out *contract.Emissions) error {
			switch n {
			case "0":
				necro.StartTimer(30*time.Second, &chime{}).AddTo(out)
			case "1":
				necro.StopTimer[chime]().AddTo(out)
			default:
				if broken {
					return errors.New("the server is down")
				}
			}
			return nil
		}
		s := bellSpine(t, memory.New(), organ)
		publishNumbers(t, s, "k", 2)
		drainState(t, s)
		if err := s.Publish(t.Context(), &ping{}, necro.WithKey("other"), necro.WithHeader("n", "2")); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(45*time.Second, func() {
			broken = false
			publishNumbers(t, s, "later", 1)
		})
		runFor(t, s, 10*time.Minute)
		wantTally(t, s, "later", "0 ring ")
	})
}

// TestTimerOfADeliveryThatRunsAgain: a delivery that comes once more under its id, as after a redrive, starts a timer of its own.
// The one that it started before is not taken for it, and rings nothing.
func TestTimerOfADeliveryThatRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		organ := &bell{start: func(_ *tally, n string, out *contract.Emissions) error {
			if n == "0" {
				necro.StartTimer(time.Minute, &chime{}).AddTo(out)
			} else {
				necro.StopTimer[chime]().AddTo(out)
			}
			return nil
		}}
		s := bellSpine(t, memory.New(), organ)
		id := contract.NewID()
		for _, n := range []string{"0", "1", "0"} {
			err := s.Publish(t.Context(), &ping{}, necro.WithKey("k"), necro.WithHeader("n", n), necro.WithIDFor(id, time.Second))
			if err != nil {
				t.Fatal(err)
			}
			drainState(t, s)
			time.Sleep(20 * time.Second)
			id[0] ^= 1 // the last one has the id of the first one
		}
		runFor(t, s, 20*time.Second) // until 80s: the first timer was due at 60s, the other one is at 100s
		wantTally(t, s, "k", "0 1 0 ")
		runFor(t, s, time.Minute)
		wantTally(t, s, "k", "0 1 0 ring ")
	})
}

// outdated is a backend that answers the first call of LoadStates as it was before anything was stored.
type outdated struct {
	*memory.Backend
	calls int
}

func (b *outdated) LoadStates(ctx context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	if b.calls++; b.calls == 1 {
		return make([]contract.StateRecord, len(keys)), nil
	}
	return b.Backend.LoadStates(ctx, organ, keys)
}

// TestTimerBehindAnOlderRecord: this process has kept a record that is older than the timer, which another one has started. It
// looks at the stored record before it calls the timer stopped.
func TestTimerBehindAnOlderRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		organ := &bell{start: func(_ *tally, _ string, out *contract.Emissions) error {
			necro.StartTimer(2*time.Second, &chime{}).AddTo(out)
			return nil
		}}
		b := memory.New()
		other := bellSpine(t, b, organ)
		publishNumbers(t, other, "k", 1)
		drainState(t, other)
		late := &outdated{Backend: b}
		runFor(t, bellSpine(t, late, organ), 5*time.Second)
		wantTally(t, other, "k", "0 ring ")
		if late.calls < 2 {
			t.Errorf("%d looks at the record, want 2", late.calls)
		}
	})
}

// TestTimersThatAreRefused make the delivery a dead letter, which says what to do; nothing is stored of them.
func TestTimersThatAreRefused(t *testing.T) {
	keyed := chimeType
	keyed.Key = func(necro.Event) string { return "other" }
	for want, start := range map[string]func(*contract.Emissions){
		"ends the record and starts a timer": func(out *contract.Emissions) {
			out.Ends = true
			necro.StartTimer(time.Hour, &chime{}).AddTo(out)
		},
		"*necro_test.chime is nil":     func(out *contract.Emissions) { necro.StartTimer[chime](time.Hour, nil).AddTo(out) },
		"is no event":                  func(out *contract.Emissions) { necro.StartTimer(time.Hour, new(int)).AddTo(out) },
		"PING is not among the events": func(out *contract.Emissions) { necro.StopTimer[ping]().AddTo(out) },
		"a delay of":                   func(out *contract.Emissions) { necro.StartTimer(1<<62, &chime{}).AddTo(out) },
		"set its key field": func(out *contract.Emissions) {
			chimeType.Key = keyed.Key
			necro.StartTimer(time.Hour, &chime{}).AddTo(out)
		},
	} {
		t.Run(want, func(t *testing.T) {
			defer func() { chimeType.Key = nil }()
			b := memory.New()
			s := bellSpine(t, b, &bell{start: func(_ *tally, _ string, out *contract.Emissions) error {
				start(out)
				return nil
			}})
			publishNumbers(t, s, "k", 1)
			drainState(t, s)
			wantTally(t, s, "k", "")
			letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 2)
			if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Error, want) {
				t.Errorf("dead letters %v, error %v, want one that says %q", letters, err, want)
			}
			if n := s.Health(t.Context()).Backend.Delayed; n != 0 {
				t.Errorf("%d timers are stored", n)
			}
		})
	}
}

// TestTimerWithoutItsHandler is refused when the spine is made, as code is that was generated before the handler went.
func TestTimerWithoutItsHandler(t *testing.T) {
	for want, change := range map[string]func(*contract.OrganSpec){
		"does not handle with its state": func(spec *contract.OrganSpec) { spec.Routes = spec.Routes[:1] },
		"takes no state":                 func(spec *contract.OrganSpec) { spec.Routes[0].State = false },
	} {
		spec := (&bell{}).NecroOrgan()
		change(&spec)
		_, err := necro.New(memory.New(), necro.WithOrgans(plainOrgan{spec}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("new spine: error %v, want one that says %q", err, want)
		}
	}
}

type plainOrgan struct{ spec contract.OrganSpec }

func (o plainOrgan) NecroOrgan() contract.OrganSpec { return o.spec }

// TestRecordWithBadTimers is a dead letter, whatever bytes are cut off, and no panic.
func TestRecordWithBadTimers(t *testing.T) {
	organ := &bell{start: func(_ *tally, n string, out *contract.Emissions) error {
		necro.StartTimer(time.Hour, &chime{}).AddTo(out)
		return nil
	}}
	for size := 1; size < 24; size++ {
		b := &overtaken{Backend: memory.New(), number: "0", strike: func(o *contract.Outcome) { o.State.Value = o.State.Value[:size:size] }}
		s := bellSpine(t, b, organ)
		for range 2 { // the second one reads what the first one has left
			publishNumbers(t, s, "k", 1)
			drainState(t, s)
		}
		if _, _, err := necro.Load[tally](t.Context(), s, "k"); err == nil {
			t.Errorf("%d bytes of a record with a timer are read", size)
		}
		letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 2)
		if err != nil || len(letters) != 1 || letters[0].Reason != contract.ReasonState {
			t.Errorf("dead letters %v, error %v, want one because of the state", letters, err)
		}
	}
}
