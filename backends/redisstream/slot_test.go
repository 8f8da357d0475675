package redisstream_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestClusterSlotMoves lets the slot of a partition move to another node while events are
// published and consumed, as an operator does it.
func TestClusterSlotMoves(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience(t))
	defer cancel()
	r := &rig{T: t, ctx: ctx, namespace: redistest.Namespace(t)}
	cluster := redistest.StartCluster(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs()})
	t.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, r.usual()...)
	r.ok(err, "new")
	t.Cleanup(func() { b.Close() })
	c := r.subscribe(b, sub("o", &Step{}))[0]

	const n = 300
	moved := make(chan struct{})
	go func() {
		defer close(moved)
		time.Sleep(200 * time.Millisecond)
		moveSlot(r, client, cluster, r.key("meta"))
	}()
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for i := range n {
			if _, err := b.Publish(ctx, steps(i, 1), contract.PublishOptions{}); err != nil {
				t.Errorf("publish %d: %v", i, err)
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
	})
	got := map[int]bool{}
	for len(got) < n && ctx.Err() == nil {
		ds, err := c.fetch(ctx, 8)
		if err != nil {
			time.Sleep(5 * time.Millisecond)
		}
		for _, d := range ds {
			c.insist(ack(d))
			got[number(d)] = true
		}
	}
	publishing.Wait()
	<-moved
	same(r, "events", len(got), n)
}

// slotMove is a move of the slot of a key to the next node, in steps.
type slotMove struct {
	r     *rig
	nodes []*redis.Client
	addrs []string
	ids   []string
	slot  int64
	from  int
	to    int
}

// newSlotMove finds the node that has a key.
func newSlotMove(r *rig, client *redis.ClusterClient, cluster *redistest.Cluster, key string) *slotMove {
	slot, err := client.ClusterKeySlot(r.ctx, key).Result()
	r.ok(err, "slot")
	m := &slotMove{r: r, slot: slot, from: -1, addrs: cluster.Addrs()}
	for i, addr := range m.addrs {
		m.nodes = append(m.nodes, redis.NewClient(&redis.Options{Addr: addr}))
		r.Cleanup(func() { m.nodes[i].Close() })
		id, err := m.nodes[i].Do(r.ctx, "CLUSTER", "MYID").Text()
		r.ok(err, "id")
		m.ids = append(m.ids, id)
		if n, err := m.nodes[i].Exists(r.ctx, key).Result(); err == nil && n == 1 {
			m.from = i
		}
	}
	m.to = (m.from + 1) % len(m.nodes)
	return m
}

// begin opens the slot.
func (m *slotMove) begin() {
	m.r.ok(m.nodes[m.to].Do(m.r.ctx, "CLUSTER", "SETSLOT", m.slot, "IMPORTING", m.ids[m.from]).Err(), "importing")
	m.r.ok(m.nodes[m.from].Do(m.r.ctx, "CLUSTER", "SETSLOT", m.slot, "MIGRATING", m.ids[m.to]).Err(), "migrating")
}

// moveKeys moves all keys, some at a time.
func (m *slotMove) moveKeys(pause time.Duration) {
	host, port, _ := net.SplitHostPort(m.addrs[m.to])
	for {
		keys, err := m.nodes[m.from].ClusterGetKeysInSlot(m.r.ctx, int(m.slot), 100).Result()
		m.r.ok(err, "keys")
		if len(keys) == 0 {
			return
		}
		for _, k := range keys {
			m.r.ok(m.nodes[m.from].Do(m.r.ctx, "MIGRATE", host, port, k, 0, 5000).Err(), "migrate "+k)
		}
		time.Sleep(pause)
	}
}

// end gives the slot to the new owner, which is told first.
func (m *slotMove) end() {
	for i := range m.nodes {
		m.r.ok(m.nodes[(m.to+i)%len(m.nodes)].Do(m.r.ctx, "CLUSTER", "SETSLOT", m.slot, "NODE", m.ids[m.to]).Err(), "node")
	}
}

// moveSlot moves the slot of a key with all that is in it.
func moveSlot(r *rig, client *redis.ClusterClient, cluster *redistest.Cluster, key string) {
	m := newSlotMove(r, client, cluster, key)
	m.begin()
	m.moveKeys(50 * time.Millisecond)
	m.end()
}

// TestClusterSlotMovesWhileWorkGoesOn stops a move before its first key, and again behind its last one:
// each time publishing, handling, retries and dead letters go on, also of a process that starts then.
func TestClusterSlotMovesWhileWorkGoesOn(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	c.partitions = 1
	r := c.rig
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.cluster.Addrs()})
	t.Cleanup(func() { client.Close() })
	k := newTracker()
	start := func() *necro.Spine {
		s := r.spine(c.process(), necro.WithOrgans(k.failing("plain", 0, contract.OrderFirstAttempts), k.failing("keyed", 1, contract.OrderKey),
			newOrgan("next", contract.Policy{}, on(func(context.Context, *Next, func(contract.Event)) error { return nil }))))
		r.run(s)
		return s
	}
	old := start()
	b, n, at := c.process(), 0, anHourAgo()
	works := func(when string, s *necro.Spine) {
		t.Helper()
		for range 40 {
			e := &Step{N: n, Key: fmt.Sprint("k", n%5)}
			n++
			r.ok(s.Publish(r.ctx, e, necro.WithID(contract.NewID())), "publish "+when)
			r.ok(s.Publish(r.ctx, e), "publish "+when)
			k.note(k.accepted, 2*e.N)
			k.note(k.accepted, 2*e.N+1)
		}
		tick := contract.Firing{Schedule: "s", After: at, UpTo: at + 1e9, Ticks: []contract.Message{message(&Next{})}}
		r.until("a tick is fired "+when, func() bool { // a client needs a moment to learn where the slot is
			state, err := b.Fire(r.ctx, tick)
			return err == nil && state.FiredUpTo == tick.UpTo
		})
		at = tick.UpTo
		r.until("work goes on "+when, func() bool { return k.missing() == 0 })
	}
	r.fire(b, "s", 0, at)
	works("before the move", old)
	m := newSlotMove(r, client, c.cluster, r.key("meta"))
	m.begin()
	works("when the slot is open", old)
	works("when the slot is open, in a process that starts", start())
	m.moveKeys(0)
	works("when all keys have moved", old)
	works("when all keys have moved, in a process that starts", start())
	m.end()
	works("after the move", old)
	r.until("all dead letters are kept", func() bool { return r.health(b, "plain").Dead+r.health(b, "keyed").Dead == k.buried() })
}
