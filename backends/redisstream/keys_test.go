package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// work is what a server did: commands, those of scripts included, and bytes in both directions.
type work struct{ commands, bytes int }

// work returns what the server did during a call.
func (r *rig) work(call func()) work {
	r.Helper()
	before := r.worked()
	call()
	after := r.worked()
	return work{after.commands - before.commands, after.bytes - before.bytes}
}

func (r *rig) worked() (w work) {
	r.Helper()
	info := r.redis.Info(r.ctx, "commandstats", "stats").Val()
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case strings.HasPrefix(name, "cmdstat_"):
			calls, _, _ := strings.Cut(strings.TrimPrefix(value, "calls="), ",")
			n, err := strconv.Atoi(calls)
			r.ok(err, name)
			w.commands += n
		case name == "total_net_input_bytes", name == "total_net_output_bytes":
			n, err := strconv.Atoi(value)
			r.ok(err, name)
			w.bytes += n
		}
	}
	return w
}

// TestFailingKeysCostWhatTheyAre works off events of an organ in key order, of which those of some
// keys fail once. Whatever else was read with them stays: the server does no more for the others, and
// no event crosses the network again but those that failed.
func TestFailingKeysCostWhatTheyAre(t *testing.T) {
	t.Parallel()
	const keys, n = 500, 2000
	run := func(failing int) work {
		r := alone(t)
		var mu sync.Mutex
		failed, ran := map[string]bool{}, map[string][]int{}
		policy := contract.Policy{Order: contract.OrderKey, Retry: 3, BackoffMin: 50 * time.Millisecond, BackoffMax: 50 * time.Millisecond}
		s := r.spine(r.open(), necro.WithOrgans(newOrgan("in", policy, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
			mu.Lock()
			defer mu.Unlock()
			if key, _ := strconv.Atoi(s.Key); key < failing && !failed[s.Key] {
				failed[s.Key] = true
				return errors.New("not yet")
			}
			ran[s.Key] = append(ran[s.Key], s.N)
			return nil
		}))))
		r.bind(func() contract.Subscription {
			in := sub("in", &Step{})
			in.Order = contract.OrderKey
			return in
		}())
		var events []contract.Event
		for i := range n {
			events = append(events, &Step{N: i, Key: fmt.Sprint(i % keys), Text: strings.Repeat("x", 200)})
		}
		for batch := range slices.Chunk(events, 500) {
			r.ok(s.PublishBatch(r.ctx, batch), "publish")
		}
		did := r.work(func() {
			_, err := s.Drain(r.ctx)
			r.ok(err, "drain")
		})
		for key, got := range ran {
			if len(got) != n/keys || !slices.IsSorted(got) {
				t.Errorf("%d failing: events of key %s ran as %v", failing, key, got)
			}
		}
		return did
	}
	none := run(0)
	for _, failing := range []int{1, 50, keys} {
		some := run(failing)
		if some.commands > 2*none.commands+60*failing || some.bytes > 3*none.bytes/2+5000*failing {
			t.Errorf("%d failing: %+v, none: %+v", failing, some, none)
		}
	}
}

// TestAKeyIsLetGoInPages lets thousands of deliveries wait for a key. The step that lets it go moves
// none of them, and each look moves as many as are asked for; they stay in order, also when one of
// them fails, and what is published meanwhile comes behind them.
func TestAKeyIsLetGoInPages(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Order = contract.OrderKey
	c := r.subscribe(b, in)[0]
	const n, page = 3000, 100
	msgs := steps(0, n+1)
	for i := range msgs {
		msgs[i].Key = "k"
	}
	r.publish(b, msgs[0])
	c.settle(retry(c.take(1)[0], time.Hour))
	for batch := range slices.Chunk(msgs[1:n], 500) {
		r.publish(b, batch...)
	}
	c.none(100 * time.Millisecond)
	waiting := func() int { return int(r.do("ZCARD", r.key("wait:in")).(int64)) }
	r.until("all wait", func() bool { c.none(10 * time.Millisecond); return waiting() == n-1 })
	same(r, "health", r.health(b, "in").Scheduled, n)
	member := r.redis.ZRange(r.ctx, r.key("due"), 0, 0).Val()[0]
	r.do("ZADD", r.key("due"), 1, member)
	first := c.take(1)
	r.wants(first, 0)
	same(r, "wait", waiting(), n-1)
	c.ack(first...)
	same(r, "wait behind what is done", waiting(), n-1+1) // and the mark of the key
	r.publish(b, msgs[n])
	var done []*contract.Delivery
	failed := false
	for len(done) < n {
		before := waiting()
		ds := c.take(1)
		if moved := before - waiting(); moved > page {
			t.Fatalf("a look moved %d deliveries", moved)
		}
		if number(ds[0]) == n/2 && !failed {
			failed = true
			c.settle(retry(ds[0], 0))
			continue
		}
		c.ack(ds...)
		done = append(done, ds...)
	}
	want := upTo(n + 1)[1:]
	if got := numbers(done); !slices.Equal(got, want) {
		t.Errorf("they ran in another order: %v", got)
	}
	same(r, "left", waiting()+int(r.do("HLEN", r.key("hold:in")).(int64)), 0)
}

// TestReleasedDeliveriesStayHeld releases deliveries whose key a failed one holds, over a slow network.
// While the call that sets them aside is on its way, no Fetch may get them: they would overtake.
func TestReleasedDeliveriesStayHeld(t *testing.T) {
	t.Parallel()
	for _, order := range []contract.OrderMode{contract.OrderKey, contract.OrderStrict} {
		r := share(t)
		proxy := redistest.StartProxy(t, r.server.Addr())
		b := r.openAt(proxy.URL())
		in := sub(fmt.Sprint("in", order), &Step{})
		in.Order, in.Pack = order, 4 // of an entry that is held in part all stays here
		c := r.subscribe(b, in)[0]
		msgs := steps(0, 4)
		for i := range msgs {
			msgs[i].Key = "k"
		}
		r.publish(b, msgs...)
		ds := c.take(4)
		c.settle(retry(ds[0], time.Hour))
		c.none(50 * time.Millisecond) // has learned of the hold
		proxy.Delay(100 * time.Millisecond)
		released := make(chan error, 1)
		go func() { released <- c.Release(r.ctx, ds[1:3]) }()
		for ended := false; !ended; {
			select {
			case err := <-released:
				r.ok(err, "release")
				ended = true
			default:
				c.none(10 * time.Millisecond)
			}
		}
		proxy.Delay(0)
		c.none(50 * time.Millisecond)
	}
}
