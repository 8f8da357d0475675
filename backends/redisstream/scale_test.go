package redisstream_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestManyOrgansShareFewConnections runs fifty organs over a client whose pool has two
// connections. Publishing is not held up, an idle spine stops at once, and nothing is left.
// It is not parallel: it counts goroutines.
func TestManyOrgansShareFewConnections(t *testing.T) {
	r := alone(t)
	r.do("PING")
	before := runtime.NumGoroutine()
	connections := r.connections()

	client := redis.NewClient(&redis.Options{Addr: r.server.Addr(), PoolSize: 2, PipelinePoolSize: 1})
	b, err := redisstream.New(client, r.usual()...)
	r.ok(err, "new backend")
	const n = 50
	handled := make(chan struct{}, 1000)
	organs := make([]contract.Organ, n)
	for i := range organs {
		organs[i] = newOrgan(fmt.Sprint("organ", i), contract.Policy{}, on(func(context.Context, *Next, func(contract.Event)) error { return nil }))
	}
	organs[n-1] = newOrgan("last", contract.Policy{}, on(func(context.Context, *Step, func(contract.Event)) error {
		handled <- struct{}{}
		return nil
	}))
	stop := r.run(r.spine(b, necro.WithOrgans(organs...)))
	r.until("all organs are served", func() bool { return len(b.Health(r.ctx).Organs) == n })

	publisher := r.spine(b)
	published := 0
	r.quickOnce("nine of ten publishes", 250*time.Millisecond, func() time.Duration {
		took := make([]time.Duration, 50)
		for i := range took {
			start := time.Now()
			r.ok(publisher.Publish(r.ctx, &Step{}), "publish")
			took[i] = time.Since(start)
			published++
		}
		slices.Sort(took)
		return took[len(took)*9/10]
	})
	for range published {
		<-handled
	}
	if got := r.connections() - connections; got > 5 {
		t.Errorf("%d connections, want 2 and 1 as the client says, and two for the reads that block", got)
	}

	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it would close what we forget to close
	start := time.Now()
	stop()
	r.ok(b.Close(), "close")
	if took := time.Since(start); took > r.soon() {
		t.Errorf("an idle spine and its backend took %v to stop", took)
	}
	r.ok(client.Close(), "close the client")
	r.until("all connections are closed", func() bool { return r.connections() == connections })
	end := time.Now().Add(r.soon())
	for runtime.NumGoroutine() > before && time.Now().Before(end) {
		time.Sleep(5 * time.Millisecond)
	}
	if left := runtime.NumGoroutine() - before; left > 0 {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines are left:\n%s", left, stacks[:runtime.Stack(stacks, true)])
	}
}

// connections counts the clients of the server.
func (r *rig) connections() int {
	r.Helper()
	list, err := r.redis.ClientList(r.ctx).Result()
	r.ok(err, "client list")
	return strings.Count(list, "\n")
}

// TestLateComerIsServedAtOnce lets an organ begin to wait while the one read of its process waits
// for another organ.
func TestLateComerIsServedAtOnce(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	cs := r.subscribe(b, sub("early", &Step{}), sub("late", &Next{}))
	publisher := r.open()
	r.quickOnce("an event for the late comer", 500*time.Millisecond, func() time.Duration {
		early, late := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(early)
			cs[0].ack(cs[0].take(1)...)
		}()
		time.Sleep(20 * time.Millisecond) // its read is under way, for up to two seconds
		go func() {
			defer close(late)
			cs[1].ack(cs[1].take(1)...)
		}()
		start := time.Now()
		time.Sleep(5 * time.Millisecond)
		r.publish(publisher, message(&Next{}))
		<-late
		took := time.Since(start)
		r.publish(publisher, message(&Step{}))
		<-early
		return took
	})
}
