package redisstream_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// atOnce is less than the time after which who waits looks again without being told.
const atOnce = 200 * time.Millisecond

func TestExclusiveAmongConsumersOfOneProcess(t *testing.T) {
	r := share(t)
	b := r.open()
	s := sub("o", &Step{})
	s.Exclusive, s.Pack = true, 1
	first, second := r.subscribe(b, s)[0], r.subscribe(b, s)[0]
	r.publish(b, steps(0, 3)...)
	first.ack(first.take(1)...)
	second.none(600 * time.Millisecond)
	first.ack(first.take(1)...)
	r.ok(first.Close(), "close")
	ds := second.take(1)
	r.wants(ds, 2)
	second.ack(ds...)
}

// TestPartOfAPackComesBack: the rest of the pack runs, so it does not go back to Redis.
func TestPartOfAPackComesBack(t *testing.T) {
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.publish(b, steps(0, 2)...)
	ds := append(c.take(1), c.take(1)...)
	r.quickOnce("what was released is fetched", atOnce, func() time.Duration {
		got := make(chan time.Time)
		go func() {
			ds = append(ds[:1], c.take(1)...)
			got <- time.Now()
		}()
		time.Sleep(50 * time.Millisecond)
		start := time.Now()
		r.ok(c.Release(r.ctx, ds[1:2]), "release")
		return (<-got).Sub(start)
	})
}

// TestPackForTwoWhoWait: both are woken by one entry.
func TestPackForTwoWhoWait(t *testing.T) {
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.quickOnce("both of two are served", atOnce, func() time.Duration {
		var waiting sync.WaitGroup
		var got [2][]*contract.Delivery
		for i := range got {
			waiting.Go(func() { got[i] = c.take(1) })
		}
		time.Sleep(20 * time.Millisecond)
		start := time.Now()
		r.publish(b, steps(0, 2)...)
		waiting.Wait()
		took := time.Since(start)
		c.ack(got[0]...)
		c.ack(got[1]...)
		return took
	})
}

// TestPauseEndsAPack: what a process has read ahead is not handed out when another one has
// paused the organ.
func TestPauseEndsAPack(t *testing.T) {
	r := share(t)
	b, operator := r.open(), r.open()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.publish(b, steps(0, 3)...)
	c.take(1)
	r.ok(operator.Pause(r.ctx, "o", "wait"), "pause")
	r.until("the process knows of the pause", func() bool {
		ctx, cancel := context.WithTimeout(r.ctx, 100*time.Millisecond)
		defer cancel()
		ds, _ := c.fetch(ctx, 1)
		r.ok(c.Release(r.ctx, ds), "release")
		return len(ds) == 0
	})
	r.ok(operator.Resume(r.ctx, "o"), "resume")
	r.wants(c.take(2), 1, 2)
}

// TestConsumersComeAndGo: whoever subscribes while another consumer of the process leaves is
// served.
func TestConsumersComeAndGo(t *testing.T) {
	r := share(t)
	b := r.open()
	var coming sync.WaitGroup
	for range 2 {
		coming.Go(func() {
			for range 20 {
				list, err := b.Subscribe(r.ctx, []contract.Subscription{sub("o", &Step{})})
				if err != nil {
					t.Errorf("subscribe: %v", err)
					return
				}
				ctx, cancel := context.WithTimeout(r.ctx, 5*time.Millisecond)
				list[0].Fetch(ctx, 1)
				cancel()
				list[0].Close()
			}
		})
	}
	coming.Wait()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.publish(b, steps(0, 1)...)
	c.ack(c.take(1)...)
}

// TestTwoOrdersInOneProcess: the consumers of a process share what they have read, so the second one
// runs under the order of the first, and under its own once that has left.
func TestTwoOrdersInOneProcess(t *testing.T) {
	r := share(t)
	b := r.open()
	s := sub("o", &Step{})
	c := r.subscribe(b, s)[0]
	s.Order = contract.OrderStrict
	second := r.subscribe(b, s)[0]
	same(r, "order", second.Consumer.(contract.BoundConsumer).Binding().Order, contract.OrderFirstAttempts)
	r.ok(c.Close(), "close")
	r.ok(second.Close(), "close")
	again := r.subscribe(b, s)[0]
	same(r, "order", again.Consumer.(contract.BoundConsumer).Binding().Order, contract.OrderStrict)
}

// TestPartitionThatFails: the others are served.
func TestPartitionThatFails(t *testing.T) {
	r := share(t)
	b := r.open(redisstream.WithPartitions(2))
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.do("DEL", r.keyOf(1, "q:o"))
	r.do("SET", r.keyOf(1, "q:o"), "somebody else's")
	for n := 0; n < 10; {
		if publishAll(r.ctx, b, steps(n, 1)) == nil { // it goes to partition 0
			n++
		}
	}
	h := b.Health(r.ctx)
	if h.Err == nil || len(h.Organs) != 1 || h.Organs[0].Ready != 10 {
		t.Errorf("health: %+v, want the error of one partition and what the other holds", h)
	}
	c.ack(c.take(10)...)
}

// TestLeavingEndsWithItsContext: many consumers leave a server that hangs no later than their context says.
func TestLeavingEndsWithItsContext(t *testing.T) {
	r := alone(t)
	b := r.open()
	var subs []contract.Subscription
	for i := range 20 {
		subs = append(subs, sub(fmt.Sprint("organ", i), &Step{}))
	}
	list := r.subscribe(b, subs...)
	fetching, stop := context.WithCancel(r.ctx)
	defer stop()
	for _, c := range list {
		go c.Fetch(fetching, 1)
	}
	r.ok(r.server.Stop(), "stop the server")
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	start := time.Now()
	for _, c := range list { // one after the other, so that each that waits shows
		r.ok(c.Consumer.(contract.LeavingConsumer).CloseWithin(ctx), "leave")
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("20 consumers left in %v, and each had no time to wait", took)
	}
	r.ok(r.server.Continue(), "continue")
}

// TestCloseWhileTheServerHangs ends in time, however many organs there are, and leaves nobody
// behind.
func TestCloseWhileTheServerHangs(t *testing.T) {
	r := alone(t)
	b := r.open()
	var subs []contract.Subscription
	for i := range 20 { // one after the other they would take twenty times two seconds
		s := sub(fmt.Sprint("organ", i), &Step{})
		s.Exclusive = true
		subs = append(subs, s)
	}
	var closing sync.WaitGroup
	list := r.subscribe(b, subs...)
	r.ok(r.server.Stop(), "stop the server")
	start := time.Now()
	for _, c := range list {
		closing.Go(func() { c.Close() })
	}
	closing.Wait()
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("closing consumers took %v", took)
	}
	r.ok(r.server.Continue(), "continue")
	list = r.subscribe(b, subs...)
	r.publish(b, steps(0, 1)...)
	for _, c := range list {
		c.ack(c.take(1)...)
	}
	r.ok(r.server.Stop(), "stop the server again")
	start = time.Now()
	b.Close()
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("close took %v", took)
	}
	r.ok(r.server.Continue(), "continue again")
}

// TestWhatIsLetGoIsReadByAndBy: a process does not take thousands of events at once because a
// key was let go that held them back.
func TestWhatIsLetGoIsReadByAndBy(t *testing.T) {
	r := share(t)
	b := r.open()
	s := sub("o", &Step{})
	s.Order = contract.OrderKey
	c := r.subscribe(b, s)[0]
	const n = 2000
	for from := 0; from < n; from += 500 {
		msgs := steps(from, 500)
		for i := range msgs {
			msgs[i].Key = "k"
		}
		r.publish(b, msgs...)
	}
	c.settle(retry(c.take(1)[0], 50*time.Millisecond))
	d := c.take(1)[0]
	r.until("all others wait", func() bool {
		c.none(10 * time.Millisecond)
		return r.do("ZCARD", r.key("wait:o")).(int64) == n-1
	})
	c.settle(ack(d))
	for i := 1; i < n; {
		ds := c.take(1)
		if leased := r.do("XPENDING", r.key("first:o"), "necro").([]any)[0].(int64); leased > 100 {
			t.Fatalf("%d events are leased for one that is fetched", leased)
		}
		r.wants(ds, i)
		c.settle(ack(ds[0]))
		if i++; i == 20 {
			break
		}
	}
}

// TestNobodyHoards: what a process has read and does not come to, because a handler hangs or a
// breaker is open, is for others after a while.
func TestNobodyHoards(t *testing.T) {
	r := share(t)
	s := sub("o", &Step{})
	s.Lease, s.Pack = 6*time.Second, 2
	b := r.open()
	busy := r.subscribe(b, s)[0]
	r.publish(b, steps(0, 6)...)
	ds, err := busy.fetch(r.ctx, 5)
	r.ok(err, "fetch")
	r.wants(ds, 0, 1, 2, 3) // the third entry is read, and waits
	kept := make(chan bool)
	go func() { // as a spine does while the handlers run
		for {
			select {
			case <-kept:
				return
			case <-time.After(s.Lease / 3):
				busy.Extend(r.ctx, ds)
			}
		}
	}()
	defer close(kept)
	idle := r.subscribe(r.open(), s)[0]
	other := idle.take(2)
	slices.SortFunc(other, func(a, b *contract.Delivery) int { return number(a) - number(b) }) // they are offered from the end
	r.wants(other, 4, 5)
	if other[0].Suspect {
		t.Error("it is suspected")
	}
	busy.settle(ack(ds[0]), ack(ds[1]), ack(ds[2]), ack(ds[3]))
}
