package redisstream_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// behindProxy returns a rig with a proxy in front of its server.
func behindProxy(t *testing.T) (*rig, *redistest.Proxy) {
	r := share(t)
	return r, redistest.StartProxy(t, r.server.Addr())
}

// TestLostPublishReplyStoresOnce loses the reply to every second publish.
func TestLostPublishReplyStoresOnce(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	r.bind(sub("in", &Step{}))
	b := r.openAt(proxy.URL())
	const n = 20
	published := 0
	for i := range n {
		if i%2 == 1 {
			proxy.DropReplies(1, "evalsha")
		}
		together := 1 + i%3 // one alone is stored by a script of its own
		r.publish(b, steps(published, together)...)
		published += together
	}
	same(r, "lost replies", proxy.Dropped(), n/2)
	r.onceEach("q:in", published)
	same(r, "ready", r.health(b, "in").Ready, published)
}

// TestLostPublishReplyTellsDuplicates loses the reply that says which messages were there before. The repeated call says it
// again, and does not take what the first one stored for there before.
func TestLostPublishReplyTellsDuplicates(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	r.bind(sub("in", &Step{}))
	b := r.openAt(proxy.URL())
	msgs := steps(0, 3)
	msgs[0].Once, msgs[2].Once = true, true
	r.publish(b, msgs[2])
	proxy.DropReplies(1, "evalsha")
	duplicates, err := b.Publish(r.ctx, msgs, contract.PublishOptions{})
	r.ok(err, "publish")
	same(r, "lost replies", proxy.Dropped(), 1)
	for i := range msgs {
		same(r, fmt.Sprint("duplicate ", i), duplicates.Has(i), i == 2)
	}
}

// TestLostReadReplyIsReadAgain loses what a consumer was sent. It lives on, so nobody else may
// take that over; it has to ask for it again, and to suspect nothing.
func TestLostReadReplyIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"Blocked", "AtHand"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r, proxy := behindProxy(t)
			c := r.subscribe(r.openAt(proxy.URL()), sub("in", &Step{}))[0]
			direct := r.open()
			for i := range 3 {
				got := make(chan []*contract.Delivery, 1)
				fetch := func() {
					defer close(got)
					got <- c.take(3)
				}
				if how == "Blocked" {
					go fetch()
					r.until("the consumer waits", r.blocked)
				}
				proxy.DropReplies(1, "xreadgroup")
				start := time.Now()
				r.publish(direct, steps(3*i, 3)...)
				if how == "AtHand" {
					go fetch()
				}
				if r.recovered(<-got, 3*i, start); t.Failed() {
					return
				}
			}
			if proxy.Dropped() == 0 {
				t.Error("no reply was lost")
			}
			c.none(50 * time.Millisecond)
		})
	}
}

// TestLostReadOfAnOrderedOrgan loses the replies of the script by which an organ is read whose
// order counts.
func TestLostReadOfAnOrderedOrgan(t *testing.T) {
	t.Parallel()
	for _, order := range []contract.OrderMode{contract.OrderKey, contract.OrderStrict} {
		t.Run(fmt.Sprint("Order=", order), func(t *testing.T) {
			t.Parallel()
			r, proxy := behindProxy(t)
			in := sub("in", &Step{})
			in.Order = order
			c := r.subscribe(r.openAt(proxy.URL()), in)[0]
			direct := r.open()
			for i := range 5 {
				r.publish(direct, steps(3*i, 3)...)
				proxy.DropReplies(2, "evalsha")
				start := time.Now()
				ds := c.take(3)
				proxy.DropReplies(0)
				r.recovered(ds, 3*i, start)
				c.settle(retry(ds[0], time.Millisecond)) // it comes again by the front
				proxy.DropReplies(1, "evalsha")
				again := c.take(1)
				proxy.DropReplies(0)
				r.wants(again, 3*i)
				c.ack(again...)
				c.ack(ds[1:]...)
			}
			if proxy.Dropped() == 0 {
				t.Error("no reply was lost")
			}
			same(r, "entries", r.len("q:in")+r.len("first:in"), 0)
		})
	}
}

// blocked reports whether a client of the server waits in a read. Others may use the server
// too: then it says so too early, and the reply that is lost is the next one.
func (r *rig) blocked() bool {
	info, err := r.redis.Info(r.ctx, "clients").Result()
	return err == nil && !strings.Contains(info, "blocked_clients:0")
}

// recovered wants three deliveries that came soon and are no suspects.
func (r *rig) recovered(ds []*contract.Delivery, first int, start time.Time) {
	r.Helper()
	r.wants(ds, first, first+1, first+2)
	if took := time.Since(start); took > r.soon() {
		r.Errorf("delivered after %v", took)
	}
	for _, d := range ds {
		if d.Suspect {
			r.Errorf("delivery %d is a suspect: nobody crashed", number(d))
		}
	}
}

// TestLostSettleReplyForksNothing repeats settles whose replies are lost.
func TestLostSettleReplyForksNothing(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	b := r.openAt(proxy.URL())
	c := r.subscribe(b, sub("in", &Step{}), sub("out", &Next{}))[0]
	const n = 30
	r.publish(b, steps(0, n)...)
	failures := 0
	for i, d := range c.take(n) {
		outcome := ack(d, next(d))
		if i%3 == 1 { // and one that is settled in another way
			outcome = retry(d, time.Hour)
		} else if i%3 == 2 {
			outcome = bury(d)
		}
		proxy.DropReplies(1, "evalsha")
		failures += c.insist(outcome)
	}
	if failures == 0 {
		t.Error("no settle failed: the fault did not bite")
	}
	r.onceEach("q:out", n/3)
	h := r.health(b, "in")
	same(r, "ready and leased", h.Ready+h.Leased, 0)
	same(r, "scheduled", h.Scheduled, n/3)
	same(r, "dead", h.Dead, n/3)
	same(r, "entries of the schedule", int(r.do("ZCARD", r.key("due")).(int64)), n/3)
}

// TestLostClaimReplyIsClaimedAgain loses the reply of the command that takes over what others
// left behind: all but the first of a consumer's scripts may be one.
func TestLostClaimReplyIsClaimedAgain(t *testing.T) {
	t.Parallel()
	for _, crashed := range []bool{false, true} {
		t.Run(fmt.Sprint("Crashed=", crashed), func(t *testing.T) {
			t.Parallel()
			r, proxy := behindProxy(t)
			in := sub("in", &Step{})
			a := r.subscribe(r.open(), in)[0]
			r.publish(r.open(), steps(0, 8)...)
			ds := a.take(8)
			c := r.subscribe(r.openAt(proxy.URL()), in)[0]
			if crashed {
				r.ok(a.Close(), "close")
			} else {
				r.ok(a.Release(r.ctx, ds), "release")
			}
			proxy.DropReplies(3, "evalsha")
			start := time.Now()
			got := c.take(8)
			r.wants(got, upTo(8)...)
			if took := time.Since(start); took > r.soon() || proxy.Dropped() == 0 {
				t.Errorf("delivered after %v, with %d lost replies", took, proxy.Dropped())
			}
			for _, d := range got {
				same(r, "suspect", d.Suspect, crashed)
			}
			proxy.DropReplies(0)
			c.ack(got...)
			same(r, "entries", r.len("q:in"), 0)
		})
	}
}

// TestLostSubscribeReplyHandsOverOnce loses the reply to a subscription, which had handed over
// what was parked.
func TestLostSubscribeReplyHandsOverOnce(t *testing.T) {
	t.Parallel()
	r := alone(t)
	proxy := redistest.StartProxy(t, r.server.Addr())
	r.publish(r.open(), steps(0, 5)...)
	// The server knows the scripts that have run so far. The one that binds has not: it is sent
	// as a whole, by EVAL, and only it.
	b := r.openAt(proxy.URL())
	proxy.DropReplies(1, "eval")
	_, err := b.Subscribe(r.ctx, []contract.Subscription{sub("in", &Step{})})
	if err == nil || proxy.Dropped() != 1 {
		t.Fatalf("subscribe: %v, with %d lost replies", err, proxy.Dropped())
	}
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.onceEach("q:in", 5)
	ds := c.take(5)
	r.wants(ds, upTo(5)...)
	c.ack(ds...)
	same(r, "ready", r.health(b, "in").Ready, 0)
}

// TestLostReleaseReplyGivesBackOnce loses the reply to a release. The deliveries come once, and
// soon, to whoever asks.
func TestLostReleaseReplyGivesBackOnce(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	in := sub("in", &Step{})
	a := r.subscribe(r.openAt(proxy.URL()), in)[0]
	c := r.subscribe(r.open(), in)[0]
	direct := r.open()
	const n = 5
	for i := range n {
		r.publish(direct, steps(3*i, 3)...)
		ds := a.take(3)
		proxy.DropReplies(1, "evalsha")
		r.ok(a.Release(r.ctx, ds), "release")
		start := time.Now()
		got := c.take(3)
		r.recovered(got, 3*i, start)
		c.ack(got...)
	}
	same(r, "lost replies", proxy.Dropped(), n)
	same(r, "entries", r.len("q:in"), 0)
	same(r, "ready and leased", r.health(direct, "in").Ready+r.health(direct, "in").Leased, 0)
}

// TestFailedReleaseStaysWithItsConsumer lets a release fail before it reaches the server.
func TestFailedReleaseStaysWithItsConsumer(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	b := r.openAt(proxy.URL())
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.publish(b, steps(0, 3)...)
	ds := c.take(3)
	proxy.Refuse(true)
	proxy.Cut()
	if err := c.Release(r.ctx, ds); err == nil {
		t.Error("release: no error without a server")
	}
	proxy.Refuse(false)
	start := time.Now()
	r.recovered(c.take(3), 0, start)
}
