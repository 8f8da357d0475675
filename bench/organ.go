package main

import (
	"context"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/bench/ledger"
	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
)

// organContests: an event is published until one organ has handled it.
func organContests() []contest {
	return []contest{{
		name:  "organ/order",
		title: "memory: publish → handled, one organ, an order of 11 fields and 10 rules",
		ours:  contestant{"necro, all defaults", spineOrders},
		peers: []peer{{contestant{"floor: buffered channel, same Validate", channelOrders}, speed(1)}},
	}, {
		name:  "organ/tick",
		title: "memory: publish → handled, one organ, a tiny event of 2 fields: hardly more than its envelope",
		ours:  contestant{"necro, all defaults", spineTicks},
		peers: []peer{{contestant{"floor: buffered channel, same Validate", channelTicks}, speed(1)}},
	}, {
		name:  "organ/state",
		title: "memory: publish → handled, one organ that keeps a state for each of 5,000 keys",
		ours: contestant{"necro, with state", func() work {
			count := ledger.NewCount()
			return keyedOrders(count, &ledger.Sums{Count: count})
		}},
		peers: []peer{{contestant{"the same organ without state", func() work {
			count := ledger.NewCount()
			return keyedOrders(count, &ledger.Orders{Count: count})
		}}, speed(0.5)}},
	}}
}

// keyedOrders publishes orders of many keys to an organ.
func keyedOrders(count *ledger.Count, organ necro.Organ) work {
	spine, stop := serveOrgans(necro.WithOrgans(organ))
	orders := make([]order.Placed, orderKeys)
	for i := range orders {
		orders[i] = order.Sample()
		orders[i].OrderID = keyOf(i)
	}
	return work{run: func(n int) {
		ctx := context.Background()
		count.Expect(n)
		for i := range n {
			e := orders[i%orderKeys]
			checkError(spine.Publish(ctx, &e))
		}
		count.Wait()
	}, leave: stop}
}

// buffer is how many events a channel holds: as many as a memory backend does.
const buffer = memory.DefaultLimit

func spineOrders() work {
	count, sample := ledger.NewCount(), order.Sample()
	spine, stop := serveOrgans(necro.WithOrgans(&ledger.Orders{Count: count}))
	return work{run: func(n int) {
		ctx := context.Background()
		count.Expect(n)
		for range n {
			e := sample
			checkError(spine.Publish(ctx, &e))
		}
		count.Wait()
	}, leave: stop}
}

func channelOrders() work {
	count, sample := ledger.NewCount(), order.Sample()
	organ := &ledger.Orders{Count: count}
	c := make(chan *order.Placed, buffer)
	go func() {
		for e := range c {
			checkError(organ.Handle(context.Background(), e))
		}
	}()
	return work{run: func(n int) {
		count.Expect(n)
		for range n {
			e := sample
			checkError(e.Validate())
			c <- &e
		}
		count.Wait()
	}, leave: func() { close(c) }}
}

func spineTicks() work {
	count := ledger.NewCount()
	spine, stop := serveOrgans(necro.WithOrgans(&ledger.Ticks{Count: count}))
	return work{run: func(n int) {
		ctx := context.Background()
		count.Expect(n)
		for i := range n {
			checkError(spine.Publish(ctx, &order.Tick{Number: int64(i), Price: 1}))
		}
		count.Wait()
	}, leave: stop}
}

func channelTicks() work {
	count := ledger.NewCount()
	organ := &ledger.Ticks{Count: count}
	c := make(chan *order.Tick, buffer)
	go func() {
		for e := range c {
			checkError(organ.Handle(context.Background(), e))
		}
	}()
	return work{run: func(n int) {
		count.Expect(n)
		for i := range n {
			e := &order.Tick{Number: int64(i), Price: 1}
			checkError(e.Validate())
			c <- e
		}
		count.Wait()
	}, leave: func() { close(c) }}
}

// serveOrgans runs organs over a memory backend, with no log. The organs
// consume once a first event was handled; from then on Publish waits when it is full.
func serveOrgans(options ...necro.Option) (*necro.Spine, func()) {
	backend := memory.New()
	spine, err := necro.New(backend, append(options, necro.WithLogger(nil))...)
	checkError(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- spine.Run(ctx) }()
	return spine, func() {
		stop()
		checkError(<-ended)
		checkError(backend.Close())
	}
}

// checkError ends the program: a contestant that fails has nothing to compare.
func checkError(err error) {
	if err != nil {
		panic(err)
	}
}
