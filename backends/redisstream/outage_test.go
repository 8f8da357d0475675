package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// clusterRig is a namespace with a partition on each node of a cluster, whose nodes serve while others
// are down.
type clusterRig struct {
	*rig
	cluster    *redistest.Cluster
	partitions int
	patience   time.Duration // of a publisher
}

func startCluster(t *testing.T) *clusterRig {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience(t))
	t.Cleanup(cancel)
	c := redistest.StartCluster(t, "--cluster-require-full-coverage", "no", "--appendonly", "yes", "--appendfsync", "always")
	return &clusterRig{&rig{T: t, ctx: ctx, namespace: redistest.Namespace(t)}, c, 3, time.Minute}
}

// process returns a backend as a process of its own would have it.
func (r *clusterRig) process() *redisstream.Backend {
	r.Helper()
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: r.cluster.Addrs()})
	r.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, append(r.usual(), redisstream.WithPartitions(r.partitions))...)
	r.ok(err, "new")
	r.Cleanup(func() { b.Close() })
	return b
}

// tracker records which events were accepted and handled.
type tracker struct {
	mu                sync.Mutex
	accepted, handled map[int]bool
	tried             map[string]bool // first attempts that failed, by organ and delivery
	dead              map[string]bool
}

func newTracker() *tracker {
	return &tracker{accepted: map[int]bool{}, handled: map[int]bool{}, tried: map[string]bool{}, dead: map[string]bool{}}
}

// failing is an organ that fails the first attempt of every third event, gives up every tenth, and emits
// one event for each that it handles.
// What it handles is noted under twice the event's number, and place.
func (k *tracker) failing(name string, place int, order contract.OrderMode) contract.Organ {
	policy := contract.Policy{Order: order, BackoffMin: 5 * time.Millisecond, BackoffMax: 20 * time.Millisecond}
	return newOrgan(name, policy, on(func(ctx context.Context, s *Step, emit func(contract.Event)) error {
		m, _ := necro.MetaFrom(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		id := name + m.DeliveryID.String()
		switch {
		case s.N%10 == 0:
			k.dead[id], k.handled[2*s.N+place] = true, true
			return contract.Permanent(errors.New("no use"))
		case s.N%3 == 0 && !k.tried[id]:
			k.tried[id] = true
			return errors.New("not now")
		}
		emit(&Next{N: s.N, Key: s.Key})
		k.handled[2*s.N+place] = true
		return nil
	}, &Next{}))
}

// buried counts the deliveries that were given up.
func (k *tracker) buried() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.dead)
}

func (k *tracker) note(in map[int]bool, n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	in[n] = true
}

// missing counts the events that were accepted and not handled.
func (k *tracker) missing() (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.accepted {
		if !k.handled[i] {
			n++
		}
	}
	return n
}

// organ is an organ that notes what it handles.
func (k *tracker) organ(name string, policy contract.Policy) contract.Organ {
	return newOrgan(name, policy, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
		k.note(k.handled, s.N)
		return nil
	}))
}

// publishKeyed publishes an event of each of several keys, numbered from first on, and returns the keys whose
// partition was down.
func (r *clusterRig) publishKeyed(s *necro.Spine, k *tracker, keys []string, first int) (down, up []string) {
	r.Helper()
	for i, key := range keys {
		ctx, cancel := context.WithTimeout(r.ctx, r.patience)
		err := s.Publish(ctx, &Step{N: first + i, Key: key})
		cancel()
		switch {
		case err == nil:
			k.note(k.accepted, first+i)
			up = append(up, key)
		case errors.Is(err, contract.ErrBackendUnavailable), ctx.Err() != nil && r.ctx.Err() == nil:
			down = append(down, key)
		default:
			r.Fatalf("publish for %s: %v", key, err)
		}
	}
	return down, up
}

// TestDeadNodeStopsItsPartitionAlone kills a node of a cluster: the other partitions go on, also in
// processes that start then, and what is left comes when the node is back.
func TestDeadNodeStopsItsPartitionAlone(t *testing.T) {
	t.Parallel()
	for _, node := range []int{0, 2} { // one of them has partition 0, which names the others
		t.Run(fmt.Sprint("Node", node), func(t *testing.T) {
			t.Parallel()
			startCluster(t).loseNode(node)
		})
	}
}

func (r *clusterRig) loseNode(node int) {
	var keys []string
	for i := range 12 {
		keys = append(keys, fmt.Sprint("key", i))
	}
	k := newTracker()
	organs := func() necro.Option {
		return necro.WithOrgans(k.organ("one", contract.Policy{}), k.organ("eight", contract.Policy{Concurrency: 8}))
	}
	old := r.spine(r.process(), organs())
	r.run(old)
	n := 0
	next := func() int { n += len(keys); return n - len(keys) }
	if down, _ := r.publishKeyed(old, k, keys, next()); len(down) > 0 {
		r.Fatalf("all nodes are up, and %v are not taken", down)
	}
	r.until("the first are handled", func() bool { return k.missing() == 0 })

	r.cluster.Nodes[node].Kill()
	down, up := r.publishKeyed(old, k, keys, next())
	if len(down) == 0 || len(up) < len(down) {
		r.Fatalf("with one of three nodes down, %v are not taken, and %v are", down, up)
	}
	for range 20 {
		if lost, _ := r.publishKeyed(old, k, up, next()); len(lost) > 0 {
			r.Errorf("%v are not taken, though their nodes are up", lost)
		}
	}
	r.until("the living partitions go on", func() bool { return k.missing() == 0 })

	publisher := r.spine(r.process())
	lost, stored := r.publishKeyed(publisher, k, keys, next())
	same(r.rig, "refused to a process that starts now", fmt.Sprint(lost), fmt.Sprint(down))
	same(r.rig, "taken from it", fmt.Sprint(stored), fmt.Sprint(up))
	worker := r.process()
	young := r.spine(worker, necro.WithOrgans(k.organ("young", contract.Policy{})))
	r.run(young)
	r.until("a new organ starts", func() bool {
		r.publishKeyed(publisher, k, up, next())
		return young.Stats().Handled > 0
	})
	h := worker.Health(r.ctx)
	if h.Err == nil || !strings.Contains(h.Err.Error(), "partition ") {
		r.Errorf("health tells no partition: %v", h.Err)
	}
	same(r.rig, "organs that health knows", len(h.Organs), 3)

	r.ok(r.cluster.Nodes[node].Restart(), "restart")
	r.until("the node takes events again", func() bool {
		lost, _ := r.publishKeyed(publisher, k, keys, next())
		return len(lost) == 0
	})
	r.until("all is handled", func() bool { return k.missing() == 0 })
	r.until("nothing is left", func() bool {
		h := worker.Health(r.ctx)
		left := 0
		for _, o := range h.Organs {
			left += o.Ready + o.Leased + o.Scheduled
		}
		return h.Err == nil && left == 0
	})
}

// TestHungNodeStopsItsPartitionAlone freezes a node, whose connections stay open: the other partitions go
// on, and what was published to it before comes when it answers again.
func TestHungNodeStopsItsPartitionAlone(t *testing.T) {
	t.Parallel()
	r := startCluster(t)
	r.patience = 2 * time.Second
	var keys []string
	for i := range 9 {
		keys = append(keys, fmt.Sprint("key", i))
	}
	k := newTracker()
	s := r.spine(r.process(), necro.WithOrgans(k.organ("one", contract.Policy{}), k.organ("eight", contract.Policy{Concurrency: 8})))
	r.run(s)
	n := 0
	next := func() int { n += len(keys); return n - len(keys) }
	r.publishKeyed(s, k, keys, next())
	r.until("the first are handled", func() bool { return k.missing() == 0 })
	r.ok(r.cluster.Nodes[1].Stop(), "stop")
	down, up := r.publishKeyed(s, k, keys, next())
	if len(down) == 0 || len(up) < len(down) {
		t.Fatalf("with one of three nodes frozen, %v are not taken, and %v are", down, up)
	}
	for range 20 {
		if lost, _ := r.publishKeyed(s, k, up, next()); len(lost) > 0 {
			t.Errorf("%v are not taken, though their nodes answer", lost)
		}
	}
	r.until("the living partitions go on", func() bool { return k.missing() == 0 })
	r.ok(r.cluster.Nodes[1].Continue(), "continue")
	r.until("the node takes events again", func() bool {
		lost, _ := r.publishKeyed(s, k, keys, next())
		return len(lost) == 0
	})
	r.until("all is handled", func() bool { return k.missing() == 0 })
}
