package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// house is the topology in this process, over several servers.
type house struct {
	t         *testing.T
	dir       string
	backend   *redisstream.Backend
	spine     *necro.Spine
	published *publisher
}

func newHouse(t *testing.T, client redis.UniversalClient, options ...redisstream.Option) *house {
	t.Helper()
	t.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, append(options, redisstream.WithNamespace(namespace))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	h := &house{t: t, dir: t.TempDir(), backend: b}
	in, out := open(t, h.dir, "worker"), open(t, h.dir, "publisher")
	lease := time.Second
	w := newWork(in, lease, 1)
	h.spine, err = necro.New(&recorder{b, in}, withOrgans(w, statelessTally{&Tally{w}}), necro.WithLease(lease), necro.WithGrace(2*lease),
		necro.WithPolicy("join", necro.Exclusive(false))) // it is refused over partitions, and this is one process
	if err != nil {
		t.Fatal(err)
	}
	h.published = &publisher{h.spine, out, "p", 0, rand.New(rand.NewPCG(1, 1))}
	return h
}

// statelessTally is the tally without its state, which is refused over partitions.
type statelessTally struct{ *Tally }

func (o statelessTally) NecroOrgan() contract.OrganSpec {
	spec := o.Tally.NecroOrgan()
	spec.State, spec.Policy.Lanes = nil, 0
	r := &spec.Routes[0]
	r.State = false
	r.Handle = func(ctx context.Context, e contract.Event, _ *contract.Emissions) error {
		_, err := o.handleStep(ctx, e.(*Leaf), 0)
		return err
	}
	return spec
}

// publish publishes chains, each until it is accepted.
func (h *house) publish(name string, n int) {
	for i := range n {
		h.published.beginChain(h.t.Context(), h.published.makeRoot(fmt.Sprintf("%s%d", name, i)))
	}
}

// drained wants every chain that began since then to be complete, with nothing left.
func (h *house) drained(since int64, chains int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 5*time.Minute)
	defer cancel()
	if _, err := h.spine.Drain(ctx); err != nil {
		h.t.Fatalf("drain: %v; %+v", err, h.spine.Health(h.t.Context()).Backend)
	}
	dead, err := deadLetters(ctx, h.backend)
	if err != nil {
		h.t.Fatal(err)
	}
	r := counted(linesOf(h.t, h.dir, "publisher"), linesOf(h.t, h.dir, "worker"), dead, since)
	if r.completed != chains || r.lost.count+r.forks.count+r.strays.count > 0 {
		h.t.Errorf("completed %d of %d, lost %+v, forked %+v, strays %+v", r.completed, chains, r.lost, r.forks, r.strays)
	}
}

// TestSentinel: after a failover everything works again. What was acknowledged before may be
// lost, for replication is asynchronous: only what is published later counts.
func TestSentinel(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t)
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: s.Master, SentinelAddrs: s.Addrs()})
	h := newHouse(t, client)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- h.spine.Run(ctx) }()
	h.publish("before", 10)
	s.Failover(t)
	since := time.Now().UnixMicro()
	h.publish("after", 20)
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	h.drained(since, 20)
}

// TestCluster: every chain stays on the node of its partition.
func TestCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	h := newHouse(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.Addrs()}), redisstream.WithPartitions(6))
	h.publish("", 40)
	h.drained(0, 40)
	for i, node := range c.Nodes {
		client := redis.NewClient(&redis.Options{Addr: node.Addr()})
		if n, err := client.DBSize(t.Context()).Result(); err != nil || n == 0 {
			t.Errorf("node %d holds %d keys: %v", i, n, err)
		}
		client.Close()
	}
}
