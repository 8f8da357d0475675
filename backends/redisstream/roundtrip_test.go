package redisstream_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// turns is a connection that counts its round trips: writes that follow a read.
type turns struct {
	net.Conn
	count *atomic.Int64
	read  atomic.Bool
}

func (c *turns) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Store(true)
	return n, err
}

func (c *turns) Write(b []byte) (int, error) {
	if c.read.CompareAndSwap(true, false) {
		c.count.Add(1)
	}
	return c.Conn.Write(b)
}

// openCounting opens a backend whose calls share one connection, and counts the round trips of all
// its connections.
func (r *rig) openCounting(count *atomic.Int64, options ...redisstream.Option) *redisstream.Backend {
	r.Helper()
	client := redis.NewClient(&redis.Options{
		Addr: r.server.Addr(), PoolSize: 1, PipelinePoolSize: 1,
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &turns{Conn: conn, count: count}, nil
		},
	})
	r.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, append(r.usual(), options...)...)
	r.ok(err, "new backend")
	r.Cleanup(func() { b.Close() })
	return b
}

// calls returns how often the server has carried out each command.
func (r *rig) calls() map[string]int {
	r.Helper()
	text, err := r.redis.Info(r.ctx, "commandstats").Result()
	r.ok(err, "info")
	calls := map[string]int{}
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		count, _, _ := strings.Cut(rest, ",")
		if n, err := strconv.Atoi(count); err == nil {
			calls[name] += n
		}
	}
	return calls
}

// fetchAll fetches n deliveries in large batches.
func (c *consumer) fetchAll(n int) (ds []*contract.Delivery) {
	c.r.Helper()
	for len(ds) < n {
		got, err := c.fetch(c.r.ctx, 512)
		c.r.ok(err, "fetch")
		ds = append(ds, got...)
	}
	return ds
}

// TestManyOutcomesAreOneRoundTrip: a Settle of thousands is several scripts, which are sent at once,
// and applied in order.
func TestManyOutcomesAreOneRoundTrip(t *testing.T) {
	t.Parallel()
	r := alone(t)
	var count atomic.Int64
	b := r.openCounting(&count)
	c := r.subscribe(b, sub("in", &Step{}))[0]
	const events, scripts = 4000, 8
	publisher := r.open(redisstream.WithPack(1))
	r.bind(sub("out", &Next{}))
	// Calls of those who look after leases and the schedule may come in between, and more of them where all takes longer.
	done, trips, sent := 0, 1<<30, 1<<30
	for ; done < 3*events && (trips >= scripts || sent > scripts+scripts/2); done += events {
		for i := 0; i < events; i += 500 {
			r.publish(publisher, steps(done+i, 500)...)
		}
		var outcomes []contract.Outcome
		for _, d := range c.fetchAll(events) {
			outcomes = append(outcomes, ack(d, next(d)))
		}
		c.settle(outcomes[:1]...) // the table and the script are known then
		evals, before := r.calls()["evalsha"], count.Load()
		c.settle(outcomes[1:]...)
		trips, sent = min(trips, int(count.Load()-before)), min(sent, r.calls()["evalsha"]-evals)
		if sent < scripts {
			t.Errorf("%d scripts, want %d", sent, scripts)
		}
	}
	if trips >= scripts || sent > scripts+scripts/2 {
		t.Errorf("%d round trips with %d scripts for %d outcomes, want %d scripts", trips, sent, events-1, scripts)
	}
	out := r.subscribe(r.open(), sub("out", &Next{}))[0]
	for i, d := range out.fetchAll(done) {
		var n Next
		if _, err := n.ReadMsgpack(d.Payload); err != nil || n.N != i {
			t.Fatalf("event %d was emitted at %d (%v)", n.N, i, err)
		}
	}
}

// TestManyOutcomesMeetNewBindings: scripts that were refused because the bindings have changed are sent
// again, and so is the script when the server has forgotten it.
func TestManyOutcomesMeetNewBindings(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open(redisstream.WithPack(1))
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.publish(b, steps(0, 1000)...)
	r.publish(b, steps(1000, 1000)...)
	ds := c.fetchAll(2000)
	settle := func(ds []*contract.Delivery) {
		var outcomes []contract.Outcome
		for _, d := range ds {
			outcomes = append(outcomes, ack(d, next(d)))
		}
		c.settle(outcomes...)
	}
	settle(ds[:10])
	r.bind(sub("out", &Next{}))
	r.do("SCRIPT", "FLUSH")
	settle(ds[10:])
	same(r, "left for in", r.health(b, "in").Leased, 0)
	same(r, "stored for out", r.health(b, "out").Ready, 2000)
}

// TestDistanceDoesNotMakeBatchesSmall works a backlog off at 10 ms there and back, with one worker and
// with several. Few scripts settle it, and few reads fetch it, for only handlers size batches.
func TestDistanceDoesNotMakeBatchesSmall(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]contract.Policy{
		"one worker": {}, "eight workers": {Concurrency: 8}, "order=key": {Order: contract.OrderKey},
	} {
		t.Run(name, func(t *testing.T) {
			r := alone(t)
			const events = 20_000
			handled := atomic.Int64{}
			organ := newOrgan("in", policy, on(func(context.Context, *Step, func(contract.Event)) error {
				handled.Add(1)
				return nil
			}))
			r.bind(sub("in", &Step{}))
			publisher := r.open()
			for first := 0; first < events; first += 1000 {
				r.publish(publisher, steps(first, 1000)...)
			}
			proxy := redistest.StartProxy(t, r.server.Addr())
			proxy.Delay(5 * time.Millisecond)
			s := r.spine(r.openAt(proxy.URL()), necro.WithOrgans(organ))
			before := r.calls()
			r.run(s)
			r.until("all is settled", func() bool { return s.Stats().Handled == events })
			after := r.calls()
			// A processor that is taken away during a batch makes the next ones small, so there may be
			// some more than the 40 of 512 events.
			for _, command := range []string{"evalsha", "xreadgroup"} {
				if n := after[command] - before[command]; n > events/40 {
					t.Errorf("%d %s for %d events", n, command, events)
				}
			}
			if handled.Load() != events {
				t.Errorf("%d handled", handled.Load())
			}
		})
	}
}

// TestManyOrgansMakeNoSmallBatches gives each event to many more organs than there are processors. Handlers wait for their
// turn then, and few scripts settle what they have done all the same.
func TestManyOrgansMakeNoSmallBatches(t *testing.T) {
	t.Parallel()
	r := alone(t)
	const organs, events = 50, 2000
	var list []contract.Organ
	for i := range organs {
		name := fmt.Sprint("organ", i)
		list = append(list, newOrgan(name, contract.Policy{}, on(func(context.Context, *Step, func(contract.Event)) error { return nil })))
		r.bind(sub(name, &Step{}))
	}
	publisher := r.open()
	for first := 0; first < events; first += 500 {
		r.publish(publisher, steps(first, 500)...)
	}
	s := r.spine(r.open(), necro.WithOrgans(list...))
	before := r.calls()["evalsha"]
	r.run(s)
	r.until("all is settled", func() bool { return s.Stats().Handled == organs*events })
	if n := r.calls()["evalsha"] - before; n > organs*events/50 {
		t.Errorf("%d scripts for %d deliveries", n, organs*events)
	}
}

// TestSlowJobsAreShared: eight waiting processes get one of eight slow jobs each, one by one or in a
// pack.
func TestSlowJobsAreShared(t *testing.T) {
	t.Parallel()
	for _, pack := range []int{1, 64} {
		t.Run(fmt.Sprintf("Pack=%d", pack), func(t *testing.T) {
			t.Parallel()
			slowJobsAreShared(alone(t), pack)
		})
	}
}

func slowJobsAreShared(r *rig, pack int) {
	r.Helper()
	const processes = 8
	release := make(chan struct{})
	var mu sync.Mutex
	counts := make([]int, processes)
	organ := func(i int) contract.Organ {
		return newOrgan("in", contract.Policy{Pack: pack}, on(func(ctx context.Context, _ *Step, _ func(contract.Event)) error {
			mu.Lock()
			counts[i]++
			mu.Unlock()
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		}))
	}
	var watched contract.Backend
	for i := range processes {
		b := r.open()
		watched = b
		r.run(r.spine(b, necro.WithOrgans(organ(i))))
	}
	r.until("all wait", func() bool {
		h := watched.Health(r.ctx)
		return len(h.Organs) == 1 && h.Organs[0].Consumers == processes
	})
	r.publish(r.open(), steps(0, processes)...)
	running := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range counts {
			n += c
		}
		return n
	}
	r.until("all jobs run", func() bool { return running() == processes })
	mu.Lock()
	defer mu.Unlock()
	if slices.Max(counts) != 1 {
		r.Errorf("the processes run %v of the jobs", counts)
	}
	close(release)
}
