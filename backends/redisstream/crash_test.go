package redisstream_test

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestKilledAfterKOfN lets a process settle k of the n events of a pack and die, for every k.
// Whoever comes next finishes each pack, and what was emitted is stored once.
func TestKilledAfterKOfN(t *testing.T) {
	t.Parallel()
	t.Run("Plain", func(t *testing.T) {
		k := newKilled(t)
		k.settleSome()
		k.die()
		same(k.rig, "deliveries to the next process", k.finish(), killedPack*(killedPack+1)/2)
	})
	t.Run("SettleRepliesLost", func(t *testing.T) {
		k := newKilled(t)
		k.lossy = true
		k.settleSome()
		if k.proxy.Dropped() == 0 || k.failures == 0 {
			t.Fatalf("%d replies were lost, %d settles failed: the fault did not bite", k.proxy.Dropped(), k.failures)
		}
		k.die()
		same(k.rig, "deliveries to the next process", k.finish(), killedPack*(killedPack+1)/2)
	})
	t.Run("GroupDestroyed", func(t *testing.T) {
		k := newKilled(t)
		k.settleSome()
		k.do("XGROUP", "DESTROY", k.key("q:in"), "necro")
		k.settleSome() // changes nothing: it comes again
		k.onceEach("q:out", killedPack*(killedPack+1)/2)
		k.die()
		k.finish() // the marks of the packs still tell what is done
	})
}

// killedPack is how many events are in a pack.
const killedPack = 8

// killed is a process that is about to die: it holds a pack for each k.
type killed struct {
	*rig
	proxy    *redistest.Proxy
	consumer *consumer
	held     []*contract.Delivery
	lossy    bool // each settle loses a reply
	failures int
}

func newKilled(t *testing.T) *killed {
	k := &killed{rig: share(t)}
	k.proxy = redistest.StartProxy(t, k.server.Addr())
	b := k.openAt(k.proxy.URL())
	k.consumer = k.subscribe(b, k.sub(), sub("out", &Next{}))[0]
	for i := range killedPack + 1 {
		k.publish(b, steps(i*killedPack, killedPack)...)
	}
	if packs := k.len("q:in"); packs != killedPack+1 {
		t.Fatalf("%d entries for %d packs", packs, killedPack+1)
	}
	k.held = k.consumer.take(killedPack * (killedPack + 1))
	return k
}

func (k *killed) sub() contract.Subscription {
	s := sub("in", &Step{})
	s.Lease = 400 * time.Millisecond
	return s
}

// settleSome settles k events of the k-th pack, for each k.
func (k *killed) settleSome() {
	for n := range killedPack + 1 {
		var outcomes []contract.Outcome
		for _, d := range k.held[n*killedPack:][:n] {
			outcomes = append(outcomes, ack(d, next(d)))
		}
		if k.lossy {
			k.proxy.DropReplies(1, "evalsha")
		}
		k.failures += k.consumer.insist(outcomes...)
	}
}

// die ends the process as far as the server can tell.
func (k *killed) die() {
	k.proxy.Refuse(true)
	k.proxy.Cut()
}

// finish lets another process do what is left, and returns how many deliveries it got.
func (k *killed) finish() int {
	c := k.subscribe(k.open(), k.sub())[0]
	got := 0
	for k.len("q:in") > 0 {
		ds := c.take(1)
		got += len(ds)
		c.insist(ack(ds[0], next(ds[0])))
	}
	k.onceEach("q:out", killedPack*(killedPack+1))
	same(k.rig, "packs whose progress is kept", int(k.do("HLEN", k.key("part:in")).(int64)), 0)
	return got
}
