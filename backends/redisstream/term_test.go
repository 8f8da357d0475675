package redisstream_test

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/runtime/contract"
)

// restarted is a server that another one replaces, which lost the last writes and gives their ids to
// other entries, as a replica does whose clock is behind: it is started again, so that it is not the one
// any more that it was, and then its entries are exchanged.
type restarted struct{ *rig }

func newRestarted(t *testing.T) restarted {
	return restarted{alone(t, "--appendonly", "yes", "--appendfsync", "always")}
}

func (r restarted) restart() {
	r.Helper()
	r.ok(r.server.Restart(), "restart")
	r.until("the server answers", func() bool { return r.redis.Ping(r.ctx).Err() == nil })
}

// exchange gives the ids of all entries of a stream to entries with other bytes, from a number of them on.
// All are leased: to those who had them, or to another process.
func (r restarted) exchange(stream string, from int, toOther bool) {
	r.Helper()
	key := r.key(stream)
	entries, err := r.redis.XRange(r.ctx, key, "-", "+").Result()
	r.ok(err, "read")
	pending, err := r.redis.XPendingExt(r.ctx, &redis.XPendingExtArgs{Stream: key, Group: "necro", Start: "-", End: "+", Count: 100}).Result()
	r.ok(err, "read what is leased")
	same(r.rig, "leased entries", len(pending), len(entries))
	r.do("DEL", key)
	r.do("XGROUP", "CREATE", key, "necro", "0", "MKSTREAM")
	for i, e := range entries {
		pack := []byte(e.Values["m"].(string))
		if i >= from {
			pack[len(pack)-1] ^= 1 // the last byte of a payload
		}
		r.do("XADD", key, e.ID, "m", pack)
		owner := pending[i].Consumer
		if toOther && i >= from {
			owner = "other"
		}
		r.do("XREADGROUP", "GROUP", "necro", owner, "COUNT", 1, "STREAMS", key, ">")
	}
}

// intact wants a stream to hold so many entries, all of which are leased.
func (r restarted) intact(stream string, want int) {
	r.Helper()
	same(r.rig, "entries", r.len(stream), want)
	pending, err := r.redis.XPending(r.ctx, r.key(stream), "necro").Result()
	r.ok(err, "read what is leased")
	same(r.rig, "leased entries", int(pending.Count), want)
}

// TestReusedEntryIDIsNotSettled has a new server give the ids of entries that a process has leased to
// other entries, which another process has leased: settling the former ones takes nothing of these away.
func TestReusedEntryIDIsNotSettled(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]func(d *contract.Delivery) contract.Outcome{
		"Ack":   func(d *contract.Delivery) contract.Outcome { return ack(d, next(d)) },
		"Retry": func(d *contract.Delivery) contract.Outcome { return retry(d, time.Hour) },
		"Dead":  bury,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRestarted(t)
			b := r.open()
			c := r.subscribe(b, sub("in", &Step{}), sub("out", &Next{}))[0]
			r.publish(b, steps(0, 3)...) // one entry
			r.publish(b, steps(3, 1)...)
			ds := c.take(4)
			r.restart()
			r.exchange("q:in", 0, true)
			for _, some := range [][]*contract.Delivery{ds[:1], ds[1:], ds} { // a part of an entry, the rest, all
				var outcomes []contract.Outcome
				for _, d := range some {
					outcomes = append(outcomes, outcome(d))
				}
				var results contract.Results
				r.until("it is settled", func() (ok bool) {
					var err error
					results, err = c.Settle(r.ctx, outcomes)
					return err == nil
				})
				for i := range some {
					if results.IsApplied(i) {
						t.Errorf("outcome %d of %d was applied to another entry", i, len(some))
					}
				}
			}
			r.intact("q:in", 2)
			h := r.health(b, "in")
			same(r.rig, "emitted, scheduled and dead", r.len("q:out")+h.Scheduled+h.Dead, 0)
		})
	}
}

// TestLeasesOutliveARestart restarts the server, which has lost nothing: what was leased before is settled.
func TestLeasesOutliveARestart(t *testing.T) {
	t.Parallel()
	r := newRestarted(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}), sub("out", &Next{}))[0]
	r.publish(b, steps(0, 3)...)
	ds := c.take(3)
	r.restart()
	c.insist(ack(ds[0], next(ds[0])))
	c.settle(ack(ds[1], next(ds[1])), ack(ds[2], next(ds[2])))
	r.intact("q:in", 0)
	r.onceEach("q:out", 3)
}

// TestReusedEntryIDIsNotOffered offers deliveries whose entry has become another one, which the process
// has leased as well and whose bytes were lost on the way: nothing of that is moved.
func TestReusedEntryIDIsNotOffered(t *testing.T) {
	t.Parallel()
	r := newRestarted(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.publish(b, steps(0, 2)...)
	ds := c.take(2)
	r.restart()
	r.exchange("q:in", 0, false)
	before := r.messages(0, "q:in")
	r.ok(c.Consumer.(contract.OfferingConsumer).Offer(r.ctx, ds), "offer")
	r.until("the process knows that it has lost them, or has stored them", func() bool {
		lost, err := c.Extend(r.ctx, ds)
		return err == nil && len(lost) == 2 || r.redis.XInfoStream(r.ctx, r.key("q:in")).Val().EntriesAdded > 1
	})
	r.intact("q:in", 1)
	same(r.rig, "messages", len(r.messages(0, "q:in")), len(before))
}

// TestReusedEntryIDIsNotSetAside has a key be held while the process has read another entry of it,
// which has become a different one: that one is not moved to where the key's deliveries wait.
func TestReusedEntryIDIsNotSetAside(t *testing.T) {
	t.Parallel()
	r := newRestarted(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Order, in.Pack = contract.OrderKey, 1
	c := r.subscribe(b, in)[0]
	msgs := steps(0, 2)
	for i := range msgs {
		msgs[i].Key = "k"
		r.publish(b, msgs[i])
	}
	ds := c.take(2)
	r.restart()
	r.exchange("q:in", 1, true)
	c.insist(retry(ds[0], time.Hour))
	r.until("it is released", func() bool { return c.Release(r.ctx, ds[1:]) == nil })
	r.intact("q:in", 1)
	same(r.rig, "what waits for the key", int(r.do("EXISTS", r.key("wait:in")).(int64)), 0)
}

// TestAnotherServerIsMetOnce restarts the server under a process that publishes and handles: each time
// its calls fail no longer than until the server answers, and each event is settled once.
func TestAnotherServerIsMetOnce(t *testing.T) {
	t.Parallel()
	r := newRestarted(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	for i := range 20 { // more often than servers may change before they are not told apart any more
		r.until("it is stored", func() bool {
			_, err := b.Publish(r.ctx, steps(i, 1), contract.PublishOptions{})
			if err != nil && !errors.Is(err, contract.ErrBackendUnavailable) {
				t.Fatalf("publish: %v", err)
			}
			return err == nil
		})
		ds := c.take(1)
		r.wants(ds, i)
		r.restart()
		c.insist(ack(ds[0]))
	}
	r.intact("q:in", 0)
}
