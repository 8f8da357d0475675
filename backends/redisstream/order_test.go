package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestStrictOrderAcrossProcesses lets two processes have an exclusive organ in strict order,
// whose every fifth event fails at first. The owner changes while work goes on, once by a stop
// and once because it falls silent.
func TestStrictOrderAcrossProcesses(t *testing.T) {
	t.Parallel()
	o := newOrdered(t, contract.Policy{Order: contract.OrderStrict})
	o.across()
	if got := o.succeeded.all(); !slices.IsSorted(distinct(got)) {
		t.Errorf("events succeeded in the order %v", got)
	}
}

// TestKeyOrderAcrossProcesses is the same for the events of a key.
func TestKeyOrderAcrossProcesses(t *testing.T) {
	t.Parallel()
	o := newOrdered(t, contract.Policy{Order: contract.OrderKey, Concurrency: 3})
	o.across()
	of := map[int][]int{}
	for _, n := range distinct(o.succeeded.all()) {
		of[n%orderedKeys] = append(of[n%orderedKeys], n)
	}
	for key, got := range of {
		if !slices.IsSorted(got) {
			t.Errorf("events of key %d succeeded in the order %v", key, got)
		}
	}
}

const (
	orderedKeys   = 7
	orderedEvents = 140
)

// ordered is an exclusive organ in several processes.
type ordered struct {
	*rig
	policy    contract.Policy
	mu        sync.Mutex
	failed    map[int]bool
	succeeded journal[int]
	worked    map[contract.Backend]bool // processes in which a handler ran
}

func newOrdered(t *testing.T, policy contract.Policy) *ordered {
	policy.Exclusive, policy.Retry = true, 10
	policy.BackoffMin, policy.BackoffMax = time.Millisecond, 5*time.Millisecond
	return &ordered{rig: share(t), policy: policy, failed: map[int]bool{}, worked: map[contract.Backend]bool{}}
}

var errFirst = errors.New("the first attempt fails")

// handle fails every fifth event once.
func (o *ordered) handle(b contract.Backend, s *Step) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.worked[b] = true
	if s.N%5 == 0 && !o.failed[s.N] {
		o.failed[s.N] = true
		return errFirst
	}
	o.succeeded.add(s.N)
	time.Sleep(time.Millisecond)
	return nil
}

// join adds a process.
func (o *ordered) join(b contract.Backend) (leave func()) {
	organ := newOrgan("in", o.policy, on(func(_ context.Context, s *Step, _ func(contract.Event)) error { return o.handle(b, s) }))
	return o.run(o.spine(b, necro.WithLease(3*time.Second), necro.WithOrgans(organ)))
}

// across publishes, and lets three processes follow each other.
func (o *ordered) across() {
	o.bind(func() contract.Subscription {
		s := sub("in", &Step{})
		s.Order, s.Exclusive = o.policy.Order, true
		return s
	}())
	progress := func(n int) {
		o.until("work goes on", func() bool { return len(distinct(o.succeeded.all())) >= n })
	}
	b := o.open()
	leave := o.join(o.open())
	o.until("the first owns it", func() bool { return o.do("EXISTS", o.key("own:in")).(int64) == 1 })
	proxy := redistest.StartProxy(o.T, o.server.Addr())
	o.join(o.openAt(proxy.URL()))
	o.until("the second is there", func() bool { return o.health(b, "in").Consumers == 2 })
	msgs := steps(0, orderedEvents)
	for i := range msgs {
		msgs[i].Key = fmt.Sprint(i % orderedKeys)
	}
	o.publish(b, msgs...)
	progress(orderedEvents / 5)
	o.mu.Lock()
	same(o.rig, "processes at work", len(o.worked), 1)
	o.mu.Unlock()
	leave()
	progress(orderedEvents * 2 / 5)
	o.join(o.open())
	proxy.Refuse(true)
	proxy.Cut()
	progress(orderedEvents)
	proxy.Refuse(false)
	o.mu.Lock()
	defer o.mu.Unlock()
	same(o.rig, "events that failed once", len(o.failed), orderedEvents/5)
}

// distinct returns numbers without those that came before: what ran while its process was cut
// off runs again.
func distinct(list []int) []int {
	var out []int
	for _, n := range list {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// TestScheduleOutlivesItsProcess lets a process schedule a retry and die. Another one moves it
// when it is due.
func TestScheduleOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	r := share(t)
	proxy := redistest.StartProxy(t, r.server.Addr())
	b := r.openAt(proxy.URL())
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.publish(b, steps(0, 3)...)
	ds := c.take(3)
	start := time.Now()
	c.settle(retry(ds[0], 300*time.Millisecond), retry(ds[1], 300*time.Millisecond), ack(ds[2]))
	proxy.Refuse(true)
	proxy.Cut()
	other := r.subscribe(r.open(), sub("in", &Step{}))[0]
	got := other.take(2)
	if took := time.Since(start); took < 250*time.Millisecond || took > r.soon() {
		t.Errorf("retries came after %v, want them when they are due", took)
	}
	same(r, "attempts", got[0].Attempts+got[1].Attempts, 2)
	same(r, "sum of numbers", number(got[0])+number(got[1]), 1)
	other.ack(got...)
	h := r.health(r.open(), "in")
	same(r, "left", h.Ready+h.Leased+h.Scheduled, 0)
}

// TestTakeOverByPlace lets an organ in key order give up what it holds: packs, and a message that
// had to wait for its key, stands in the other stream and has its place between two of them.
// However little is asked for, whoever takes over gets all of it in stored order.
func TestTakeOverByPlace(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"Release", "Close"} {
		t.Run(how, func(t *testing.T) {
			r := share(t)
			b := r.open()
			in := sub("in", &Step{})
			in.Order, in.Exclusive, in.Pack = contract.OrderKey, true, 2
			c := r.subscribe(b, in)[0]
			msgs := steps(0, 6)
			for i := range msgs {
				msgs[i].Key = fmt.Sprint(i % 2)
			}
			r.publish(b, msgs...)
			first := c.take(1)
			c.settle(retry(first[0], 100*time.Millisecond))
			ds := c.take(2)
			r.wants(ds, 1, 3) // 2 waits for 0
			r.until("0 is due", func() bool { return r.len("first:in") == 1 })
			first = c.take(1)
			r.wants(first, 0)
			c.settle(ack(first[0]))
			ds = append(ds, c.take(3)...)
			r.wants(ds, 1, 3, 2, 4, 5)
			if how == "Release" {
				r.ok(c.Release(r.ctx, ds), "release")
			} else {
				r.ok(c.Close(), "close")
				c = r.subscribe(r.open(), in)[0]
			}
			var got []*contract.Delivery
			for range ds {
				got = append(got, c.take(1)...)
			}
			r.wants(got, 1, 2, 3, 4, 5)
		})
	}
}

// TestLetGoComesBeforeWhatIsTakenOver: of a key that is let go, what waited for it runs before what was
// stored later, though that was read by another process, was handed back, and fills what is asked for.
func TestLetGoComesBeforeWhatIsTakenOver(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Order, in.Exclusive, in.Pack = contract.OrderKey, true, 1
	c := r.subscribe(b, in)[0]
	msgs := steps(0, 5)
	for i := range msgs {
		msgs[i].Key = "key"
	}
	r.publish(b, msgs[:3]...)
	c.settle(retry(c.take(1)[0], time.Hour))
	r.until("1 and 2 wait for 0", func() bool {
		c.none(10 * time.Millisecond)
		return r.do("ZCARD", r.key("wait:in")).(int64) == 2
	})
	scheduled := r.do("ZRANGE", r.key("due"), 0, 0).([]any)
	r.do("ZADD", r.key("due"), 0, scheduled[0])
	failed := c.take(1)
	r.wants(failed, 0)

	r.publish(b, msgs[3:]...)
	r.do("XREADGROUP", "GROUP", "necro", "other", "STREAMS", r.key("q:in"), ">")
	for _, entry := range r.do("XRANGE", r.key("q:in"), "-", "+").([]any) {
		r.do("XCLAIM", r.key("q:in"), "necro", "other", 0, entry.([]any)[0], "IDLE", "1000000000000", "JUSTID")
	}
	c.ack(failed...)
	var got []*contract.Delivery
	for range 4 {
		got = append(got, c.take(1)...)
	}
	r.wants(got, 1, 2, 3, 4)
}

// TestOwnershipThatLapsedKeepsOrder lets the ownership of an exclusive organ run out, as it does
// when a process stands still, and nobody else takes it. What its owner does afterwards is
// applied in order all the same.
func TestOwnershipThatLapsedKeepsOrder(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"Settle", "Extend"} {
		t.Run(how, func(t *testing.T) {
			r := share(t)
			b := r.open()
			in := sub("in", &Step{})
			in.Order, in.Exclusive, in.Pack = contract.OrderStrict, true, 4
			c := r.subscribe(b, in)[0]
			const n = 12
			r.publish(b, steps(0, n)...)
			ds := c.take(3)
			r.do("DEL", r.key("own:in"))
			if how == "Extend" {
				_, err := c.Extend(r.ctx, ds)
				r.ok(err, "extend")
			}
			var applied []int
			for r.len("q:in") > 0 && r.ctx.Err() == nil {
				for _, d := range ds {
					done, err := c.Settle(r.ctx, []contract.Outcome{ack(d)})
					r.ok(err, "settle")
					if done.IsApplied(0) {
						applied = append(applied, number(d))
					}
				}
				if r.len("q:in") > 0 {
					ds = c.take(1)
				}
			}
			if !slices.Equal(applied, upTo(n)) {
				t.Errorf("applied in the order %v", applied)
			}
		})
	}
}
