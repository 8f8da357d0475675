package backendtest

import (
	"context"
	"sync"

	necro "github.com/necrostack/necrogen/runtime"
)

var healthTests = []test{
	{"HealthCounts", healthCounts},
	{"HealthIsOneLook", healthIsOneLook},
}

// healthCounts has one delivery in every place where one can be.
func healthCounts(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	second := e.subscribe(e.attach(b), e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 6)...)
	e.wait(e.units(2))
	ds := c.takes(1, 2, 3, 4)
	c.ack(ds[0])
	c.settles(retry(ds[1], e.units(50_000)))
	c.settles(bury(ds[2], necro.Death{Reason: necro.ReasonPermanent}))
	h := e.health(b, "all")
	same(e, "ready", h.Ready, 2)
	same(e, "leased", h.Leased, 1)
	same(e, "scheduled", h.Scheduled, 1)
	same(e, "dead", h.Dead, 1)
	same(e, "consumers", h.Consumers, 2)
	same(e, "paused", h.Paused, "")
	if h.Oldest < e.units(2)-clockGrain {
		e.Errorf("oldest: got %v, want %v at least", h.Oldest, e.units(2))
	}
	second.close()
	c.ack(c.takes(5, 6)...)
	h = e.health(b, "all")
	same(e, "consumers", h.Consumers, 1)
	same(e, "age of the oldest of none", h.Oldest, 0)
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
		c := e.subscribe(e.attach(b), e.organ("all", typeA))[0]
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
