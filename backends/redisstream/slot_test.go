package redisstream_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/redistest"
)

// TestClusterSlotMoves lets the slot of a partition move to another node while events are
// published and consumed, as an operator does it.
func TestClusterSlotMoves(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
			if err := b.Publish(ctx, steps(i, 1)); err != nil {
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

// moveSlot moves the slot of a key with all that is in it.
func moveSlot(r *rig, client *redis.ClusterClient, cluster *redistest.Cluster, key string) {
	slot, err := client.ClusterKeySlot(r.ctx, key).Result()
	r.ok(err, "slot")
	var nodes []*redis.Client
	var ids []string
	from := -1
	for i, addr := range cluster.Addrs() {
		nodes = append(nodes, redis.NewClient(&redis.Options{Addr: addr}))
		id, err := nodes[i].Do(r.ctx, "CLUSTER", "MYID").Text()
		r.ok(err, "id")
		ids = append(ids, id)
		if n, err := nodes[i].Exists(r.ctx, key).Result(); err == nil && n == 1 {
			from = i
		}
	}
	to := (from + 1) % len(nodes)
	r.ok(nodes[to].Do(r.ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from]).Err(), "importing")
	r.ok(nodes[from].Do(r.ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to]).Err(), "migrating")
	host, port, _ := net.SplitHostPort(cluster.Addrs()[to])
	for {
		keys, err := nodes[from].ClusterGetKeysInSlot(r.ctx, int(slot), 100).Result()
		r.ok(err, "keys")
		if len(keys) == 0 {
			break
		}
		for _, k := range keys {
			r.ok(nodes[from].Do(r.ctx, "MIGRATE", host, port, k, 0, 5000).Err(), "migrate "+k)
		}
		time.Sleep(50 * time.Millisecond)
	}
	for i := range nodes { // the new owner first
		node := nodes[(to+i)%len(nodes)]
		r.ok(node.Do(r.ctx, "CLUSTER", "SETSLOT", slot, "NODE", ids[to]).Err(), "node")
		node.Close()
	}
}
