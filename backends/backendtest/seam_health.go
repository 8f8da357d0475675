package backendtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var healthTests = []test{
	{"HealthCounts", healthCounts},
	{"HealthTellsTheOldestLease", healthTellsTheOldestLease},
	{"HealthIsOneLook", healthIsOneLook},
	{"HealthTellsOpenBreakers", healthTellsOpenBreakers},
	{"ForgottenIsFound", forgottenIsFound},
}

// forgottenIsFound: the first parked event of a name, and an organ that no process runs, are findings of doctor and states
// in Health, and go when they are looked after.
func forgottenIsFound(e *env) {
	b := e.open()
	event, organ := "event "+typeB.Name, "organ all"
	c := e.subscribe(b, e.organ("all", typeA))[0]
	same(e, "findings at first", len(e.findings(b, event))+len(e.findings(b, organ)), 0)
	e.publish(b, message(&eventB{N: 1}))
	c.close()
	same(e, "parked", e.parked(b, typeB.Name).Parked, 1)
	same(e, "consumers", e.health(b, "all").Consumers, 0)
	same(e, "findings of the event", len(e.findings(b, event)), 1)
	same(e, "findings of the organ", len(e.findings(b, organ)), 1)
	e.subscribe(b, e.organ("all", typeA, typeB))[0].takes(1)
	same(e, "findings at last", len(e.findings(b, event))+len(e.findings(b, organ)), 0)
}

// findings returns what doctor finds of one subject.
func (e *env) findings(b contract.Backend, subject string) []contract.Finding {
	e.Helper()
	h := b.Health(e.ctx)
	list, err := h.Findings(), h.Err
	if i, ok := b.(contract.Inspector); ok && err == nil {
		list, err = i.Diagnose(e.ctx)
	}
	e.ok(err, "look for findings")
	return slices.DeleteFunc(list, func(f contract.Finding) bool { return f.Subject != subject })
}

// healthCounts has one delivery in every place where one can be.
func healthCounts(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	second := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 6)...)
	e.wait(e.units(2))
	ds := c.takes(1, 2, 3, 4)
	c.ack(ds[0])
	c.settles(retry(ds[1], e.units(50_000)))
	c.settles(bury(ds[2], contract.Death{Reason: contract.ReasonPermanent}))
	h := e.health(b, "all")
	same(e, "ready", h.Ready, 2)
	same(e, "leased", h.Leased, 1)
	same(e, "scheduled", h.Scheduled, 1)
	same(e, "dead", h.Dead, 1)
	same(e, "consumers", h.Consumers, 2)
	same(e, "paused", h.Paused, "")
	e.atLeast("oldest", h.Oldest, e.units(2))
	second.close()
	c.ack(c.takes(5, 6)...)
	h = e.health(b, "all")
	same(e, "consumers", h.Consumers, 1)
	same(e, "age of the oldest of none", h.Oldest, 0)
}

// healthTellsTheOldestLease: the one that was neither given nor renewed for longest.
func healthTellsTheOldestLease(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 3)...)
	e.wait(e.units(2))
	same(e, "oldest of no leases", e.health(b, "all").OldestLeased, 0)
	first := c.one()
	e.wait(e.units(2))
	since := time.Now()
	second := c.one()
	e.atLeast("oldest lease", e.health(b, "all").OldestLeased, e.units(2))

	same(e, "lost", len(c.extend(first)), 0)
	e.wait(e.units(2))
	got := e.health(b, "all").OldestLeased
	e.atLeast("oldest lease after a renewal", got, e.units(2))
	if most := time.Since(since) + clockGrain; got > most {
		e.Errorf("oldest lease after a renewal: got %v, want %v at most", got, most)
	}
	c.ack(first, second)
	same(e, "oldest of no leases", e.health(b, "all").OldestLeased, 0)
}

// atLeast compares times that an engine and this process measured.
func (e *env) atLeast(what string, got, want time.Duration) {
	e.Helper()
	if got < want-clockGrain {
		e.Errorf("%s: got %v, want %v at least", what, got, want)
	}
}

// healthIsOneLook counts while deliveries move between all places: none is ever missing.
func healthIsOneLook(e *env) {
	const events, workers, looks = 50, 3, 300
	b := e.open()
	e.subscribe(b, e.organ("all", typeA))
	e.publish(b, messagesA(1, events)...)
	ctx, cancel := context.WithCancel(e.ctx)
	var wg sync.WaitGroup
	work := func(c *consumer) {
		for turn := 0; ; turn++ {
			ds, err := c.fetch(ctx, 3)
			if err != nil {
				return
			}
			switch d := &ds[0]; turn % 3 {
			case 0:
				c.settles(retry(d, 0))
			case 1:
				c.settles(decline(d, e.h.Unit/20))
			default:
				c.release(d)
			}
			for i := range ds[1:] {
				c.release(&ds[1+i])
			}
		}
	}
	for range workers {
		c := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
		wg.Go(func() { work(c) })
	}
	for range looks {
		h := e.health(b, "all")
		if stored(h)+h.Dead != events {
			e.Errorf("%d ready + %d leased + %d scheduled + %d dead, want %d", h.Ready, h.Leased, h.Scheduled, h.Dead, events)
			break
		}
	}
	cancel()
	wg.Wait()
}

// healthTellsOpenBreakers: those of living consumers, the one that opened first in detail.
func healthTellsOpenBreakers(e *env) {
	b := e.open()
	first := e.subscribe(b, e.organ("all", typeA))[0]
	second := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
	tell := func(c *consumer, state contract.BreakerState) {
		keeper, ok := c.Consumer.(contract.BreakerConsumer)
		if !ok {
			e.Skip("this backend keeps no breakers")
		}
		if err := keeper.TellBreaker(e.ctx, state); err != nil {
			e.Fatalf("TellBreaker: %v", err)
		}
	}
	at := time.Now().Truncate(time.Millisecond)
	older := contract.BreakerState{Since: at.Add(-time.Minute), Failures: 7, Next: at.Add(time.Minute)}
	younger := contract.BreakerState{Since: at, Failures: 3, Next: at.Add(time.Hour)}
	wants := func(open int, want contract.BreakerState) {
		e.Helper()
		h := e.health(b, "all")
		same(e, "open breakers", h.OpenBreakers, open)
		if got := h.Breaker; !got.Since.Equal(want.Since) || got.Failures != want.Failures || !got.Next.Equal(want.Next) {
			e.Errorf("the breaker is %+v, want %+v", got, want)
		}
	}
	wants(0, contract.BreakerState{})
	tell(first, younger)
	wants(1, younger)
	tell(second, older)
	wants(2, older)
	tell(second, contract.BreakerState{})
	wants(1, younger)
	tell(second, older)
	second.close()
	wants(1, younger)
}
