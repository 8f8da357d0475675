package redisstream_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// failover is a rig on servers that a sentinel watches over. Its client looks at the replica.
func failover(t *testing.T) (*rig, *redistest.Sentinel, *redis.FailoverOptions) {
	t.Helper()
	s := redistest.StartSentinel(t)
	return newRig(t, s.Replica), s, &redis.FailoverOptions{MasterName: s.Master, SentinelAddrs: s.Addrs()}
}

// over returns a backend over a client.
func (r *rig) over(client redis.UniversalClient, options ...redisstream.Option) *redisstream.Backend {
	r.Helper()
	r.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, append(r.usual(), options...)...)
	r.ok(err, "new")
	r.Cleanup(func() { b.Close() })
	return b
}

// TestDeposedPrimaryIsLeft lets the sentinel lose a primary that stays connected to its clients:
// what it acknowledges from then on would be thrown away. Nothing fails that would make a client
// dial again.
func TestDeposedPrimaryIsLeft(t *testing.T) {
	t.Parallel()
	for _, cluster := range []bool{false, true} {
		t.Run(fmt.Sprintf("Cluster=%t", cluster), func(t *testing.T) {
			t.Parallel()
			r, s, options := failover(t)
			old := redis.NewClient(&redis.Options{Addr: s.Primary.Addr()})
			t.Cleanup(func() { old.Close() })
			var client redis.UniversalClient = redis.NewFailoverClient(options)
			if cluster {
				client = redis.NewFailoverClusterClient(options)
			}
			b := r.over(client)
			in := r.subscribe(b, sub("in", &Step{}))[0]
			r.publish(b, steps(0, 3)...)
			in.take(3)
			r.until("the replica follows", func() bool { return r.redis.XLen(r.ctx, r.key("q:in")).Val() > 0 })
			s.Depose(t)
			n := 3
			r.until("the new primary stores what is published", func() bool {
				before := r.redis.XLen(r.ctx, r.key("q:in")).Val()
				publishAll(r.ctx, b, steps(n, 1))
				n++
				return r.redis.XLen(r.ctx, r.key("q:in")).Val() > before
			})
			stored := old.XLen(r.ctx, r.key("q:in")).Val()
			r.ok(old.Ping(r.ctx).Err(), "the former primary lives")
			r.publish(b, steps(n, 5)...)
			same(r, "entries of the former primary", old.XLen(r.ctx, r.key("q:in")).Val(), stored)
			r.wants(in.take(1), n-1)
		})
	}
}

// TestHungPrimaryIsLeft wants a call that waits for a primary which hangs to be over about as
// soon as one of go-redis: at the switch, not after a timeout of its own.
func TestHungPrimaryIsLeft(t *testing.T) {
	t.Parallel()
	r, s, options := failover(t)
	options.ReadTimeout = 30 * time.Second
	client := redis.NewFailoverClient(options)
	b := r.over(client)
	r.subscribe(b, sub("in", &Step{}))
	r.publish(b, steps(0, 1)...)
	r.ok(s.Primary.Stop(), "freeze")
	start := time.Now()
	published := make(chan time.Duration, 1)
	go func() {
		for publishAll(r.ctx, b, steps(1, 1)) != nil && r.ctx.Err() == nil {
		}
		published <- time.Since(start)
	}()
	for client.Set(r.ctx, "key", 1, 0).Err() != nil && r.ctx.Err() == nil {
	}
	theirs := time.Since(start)
	if ours := <-published; ours > 2*theirs+options.ReadTimeout/2 {
		t.Errorf("publishing took %v, go-redis %v", ours, theirs)
	}
}

// TestPrimaryIsFollowedByASpine publishes while the sentinel takes the primary away, which hangs.
// Every event that was acknowledged after the switch is handled.
func TestPrimaryIsFollowedByASpine(t *testing.T) {
	t.Parallel()
	r, s, options := failover(t)
	var handled journal[int]
	spine := r.spine(r.over(redis.NewFailoverClient(options)), necro.WithOrgans(newOrgan("in", contract.Policy{},
		on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
			handled.add(s.N)
			return nil
		}))))
	r.run(spine)
	r.ok(spine.Publish(r.ctx, &Step{N: 0}), "publish")
	r.until("it is handled", func() bool { return handled.len() == 1 })
	s.Hang(t)
	r.until("publishing succeeds", func() bool { return spine.Publish(r.ctx, &Step{N: 1}) == nil })
	r.until("it is handled, too", func() bool {
		for _, n := range handled.all() {
			if n == 1 {
				return true
			}
		}
		return false
	})
}
