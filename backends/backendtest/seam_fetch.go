package backendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var fetchTests = []test{
	{"FetchHonoursItsLimit", fetchHonoursItsLimit},
	{"FetchOfNoneIsAnError", fetchOfNone},
	{"FetchWaitsForOne", fetchWaitsForOne},
	{"FetchEndsWithItsContext", fetchEndsWithItsContext},
	{"FetchCancelledLosesNothing", fetchCancelledLosesNothing},
	{"FetchHandsOutOnce", fetchHandsOutOnce},
	{"FetchLeavesAloneWhatIsHeld", fetchLeavesAloneWhatIsHeld},
	{"FetchLeavesAloneWhatIsLost", fetchLeavesAloneWhatIsLost},
}

// fetchHonoursItsLimit: no Fetch returns more than it asks for, and no more than one Fetch is read ahead.
func fetchHonoursItsLimit(e *env) {
	const limit = 3
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 10)...)
	for left := 10; left > 0; {
		ds, err := c.fetch(e.ctx, limit)
		e.ok(err, "fetch")
		if len(ds) < 1 || len(ds) > limit {
			e.Fatalf("fetch: %d deliveries, want 1 to %d", len(ds), limit)
		}
		left -= len(ds)
		if leased := e.health(b, "all").Leased; leased < 10-left || leased > 10-left+limit {
			e.Errorf("%d are leased, of which %d were fetched", leased, 10-left)
		}
	}
}

// fetchOfNone returns at once, whether there is something or not, and leases nothing.
func fetchOfNone(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	refused := func() {
		e.Helper()
		for _, limit := range []int{0, -1} {
			ds, err := c.fetch(e.ctx, limit)
			if err == nil || len(ds) > 0 {
				e.Errorf("fetch of %d: %d deliveries and error %v, want an error", limit, len(ds), err)
			}
		}
	}
	refused()
	e.publish(b, messagesA(1, 1)...)
	refused()
	same(e, "leased", e.health(b, "all").Leased, 0)
	c.takes(1)
}

// fetchWaitsForOne starts to wait before there is anything, and is woken.
func fetchWaitsForOne(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	got := make(chan int, 1)
	go func() {
		ds, err := c.fetch(e.ctx, 5)
		if err != nil {
			e.Errorf("fetch: %v", err)
		}
		got <- len(ds)
	}()
	e.wait(e.units(2))
	select {
	case <-got:
		e.Fatal("fetch returned before there was anything")
	default:
	}
	e.publish(b, messagesA(1, 1)...)
	same(e, "fetched", <-got, 1)
}

func fetchEndsWithItsContext(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	c.none(e.units(2))
	ctx, cancel := context.WithCancel(e.ctx)
	time.AfterFunc(e.units(2), cancel)
	if _, err := c.fetch(ctx, 1); !errors.Is(err, context.Canceled) {
		e.Errorf("fetch: error %v, want %v", err, context.Canceled)
	}
}

// fetchCancelledLosesNothing cancels at the moment of the publish: a delivery that was leased by then is released, and
// is no suspect.
func fetchCancelledLosesNothing(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	for range 50 {
		ctx, cancel := context.WithCancel(e.ctx)
		var ds []contract.Delivery
		var wg sync.WaitGroup
		wg.Go(func() { ds, _ = c.fetch(ctx, 1) })
		wg.Go(cancel)
		e.publish(b, messagesA(1, 1)...)
		wg.Wait()
		if len(ds) == 0 {
			d := c.one()
			same(e, "suspect", d.Suspect, false)
			c.ack(d)
			continue
		}
		c.ack(&ds[0])
	}
	same(e, "left", stored(e.health(b, "all")), 0)
}

// fetchHandsOutOnce has many consumers and fetchers: each delivery goes to one of them.
func fetchHandsOutOnce(e *env) {
	const events, consumers, fetchers = 200, 3, 2
	b := e.open()
	e.subscribe(b, e.organ("all", typeA))
	var mu sync.Mutex
	seen := map[int64]int{}
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var wg sync.WaitGroup
	work := func(c *consumer) {
		for {
			ds, err := c.fetch(ctx, 4)
			if err != nil {
				return
			}
			mu.Lock()
			for i := range ds {
				seen[numberOf(&ds[i].Message)]++
			}
			mu.Unlock()
			for i := range ds {
				c.ack(&ds[i])
			}
		}
	}
	for range consumers {
		c := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
		for range fetchers {
			wg.Go(func() { work(c) })
		}
	}
	for n := int64(1); n <= events; n += 20 {
		e.publish(b, messagesA(n, n+19)...)
	}
	e.until("everything is settled", func() bool { return stored(e.health(b, "all")) == 0 })
	cancel()
	wg.Wait()
	same(e, "different deliveries", len(seen), events)
	for n, times := range seen {
		same(e, fmt.Sprintf("deliveries of %d", n), times, 1)
	}
}

// fetchLeavesAloneWhatIsHeld: memory is used again only when all of a Fetch was settled or
// released.
func fetchLeavesAloneWhatIsHeld(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 40)...)
	held, err := c.Fetch(e.ctx, 4)
	e.ok(err, "fetch")
	before := slices.Clone(held)
	for i := range held[1:] {
		c.ack(&held[1+i])
	}
	for range 8 {
		c.ack(c.take(4)...)
	}
	same(e, "number", numberOf(&held[0].Message), 1)
	same(e, "id", held[0].ID, before[0].ID)
	c.ack(&held[0])
}

// fetchLeavesAloneWhatIsLost to another consumer, for a handler of ours may still read it.
func fetchLeavesAloneWhatIsLost(e *env) {
	b := e.open()
	sub := e.mortalOrgan("all", typeA)
	c, other := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 3)...)
	held, err := c.Fetch(e.ctx, 3)
	e.ok(err, "fetch")
	other.ack(other.take(len(held))...)
	e.publish(b, messagesA(4, 40)...)
	for range 8 {
		c.ack(c.take(4)...)
	}
	for i := range held {
		same(e, "number", numberOf(&held[i].Message), int64(i+1))
		same(e, "applied", c.settle(ack(&held[i]))[0], false)
	}
}
