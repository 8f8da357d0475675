package redisstream_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// large returns count messages of so many bytes each.
func large(first, count, size int) []contract.Message {
	list := make([]contract.Message, count)
	for i := range list {
		list[i] = message(&Step{N: first + i, Key: strings.Repeat("k", size)})
		list[i].Key = fmt.Sprint(first + i)
	}
	return list
}

// TestLargeEventsOverASlowNetwork reads events of half a megabyte, which begin behind many small
// ones, over a network that brings one of them within the timeout. All arrive, and not much is
// sent more than once.
func TestLargeEventsOverASlowNetwork(t *testing.T) {
	t.Parallel()
	for _, order := range []contract.OrderMode{contract.OrderFirstAttempts, contract.OrderKey} {
		t.Run(fmt.Sprintf("Order=%d", order), func(t *testing.T) {
			t.Parallel()
			r := alone(t)
			proxy := redistest.StartProxy(t, r.server.Addr())
			b := r.openAt(proxy.URL() + "?read_timeout=2s")
			in := sub("in", &Step{})
			in.Pack, in.Order = 1, order
			c := r.subscribe(b, in)[0]
			publisher := r.open()
			for i := range 8 {
				r.publish(publisher, steps(i*500, 500)...)
			}
			for left := 4000; left > 0; {
				list := c.take(min(left, 512))
				c.insist(acks(list)...)
				left -= len(list)
			}
			const size, count = 500 << 10, 24
			for i := range count {
				r.publish(publisher, large(4000+i, 1, size)...)
			}
			_, before := proxy.Passed()
			proxy.Bandwidth(2 << 20)
			ctx, cancel := context.WithCancel(r.ctx) // 6 s are enough
			defer cancel()
			for left := count; left > 0; {
				list, err := c.fetch(ctx, 512)
				if err != nil {
					r.ok(ctx.Err(), "fetch in time")
					continue
				}
				c.insist(acks(list)...)
				left -= len(list)
			}
			if _, after := proxy.Passed(); after-before > 3*count*size {
				t.Errorf("%d bytes were sent for %d", after-before, count*size)
			}
		})
	}
}

// acks acknowledges all.
func acks(ds []*contract.Delivery) []contract.Outcome {
	list := make([]contract.Outcome, len(ds))
	for i, d := range ds {
		list[i] = ack(d)
	}
	return list
}

// TestClientsMayHaveLittleMemory reads events of a megabyte from a server that throws out clients
// for whom it keeps five, in processes that start, and in a spine.
func TestClientsMayHaveLittleMemory(t *testing.T) {
	t.Parallel()
	r := alone(t, "--maxmemory-clients", "5mb")
	var handled journal[int]
	organs := necro.WithOrgans(newOrgan("in", contract.Policy{}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
		handled.add(s.N)
		return nil
	})))
	const count = 40
	r.bind(sub("in", &Step{}))
	publisher := r.open()
	for i := range count {
		r.publish(publisher, large(i, 1, 1000<<10)...)
	}
	r.run(r.spine(r.open(), organs))
	r.until("all are handled", func() bool { return handled.len() >= count })
}
