package redisstream_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestQuickJobsPassASlowOne: of 6,000 quick jobs and one that takes long, in packs, another process
// handles those that the first one has fetched behind the slow one. What is offered is counted and
// settled like anything else, and costs the server few calls.
func TestQuickJobsPassASlowOne(t *testing.T) {
	t.Parallel()
	for _, pack := range []int{1, 64} {
		t.Run(fmt.Sprintf("Pack=%d", pack), func(t *testing.T) {
			t.Parallel()
			quickJobsPassASlowOne(alone(t), pack)
		})
	}
}

func quickJobsPassASlowOne(r *rig, pack int) {
	r.Helper()
	const jobs, slow = 6000, 3000
	var handled atomic.Int64
	started, release := make(chan struct{}), make(chan struct{})
	organs := func() necro.Option {
		return necro.WithOrgans(newOrgan("in", contract.Policy{Pack: pack}, on(func(ctx context.Context, s *Step, _ func(contract.Event)) error {
			if s.N == slow {
				close(started)
				select {
				case <-release:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			handled.Add(1)
			return nil
		})))
	}
	in := sub("in", &Step{})
	in.Pack = pack
	r.bind(in)
	b := r.open()
	for first := 0; first < jobs; first += 1000 {
		r.publish(b, steps(first, 1000)...)
	}
	r.run(r.spine(r.open(), organs()))
	<-started
	before := r.calls()["evalsha"]
	r.run(r.spine(r.open(), organs()))
	r.until("all others are handled", func() bool { return handled.Load() == jobs-1 })
	r.until("all others are settled", func() bool {
		o := r.health(b, "in")
		return o.Ready == 0 && o.Leased == 1
	})
	if calls := r.calls()["evalsha"] - before; calls > jobs/5 { // a loaded machine settles a few at a time
		r.Errorf("%d scripts while %d jobs were handled", calls, jobs)
	}
	close(release)
	r.until("the slow one is settled", func() bool { return r.health(b, "in").Leased == 0 })
	same(r, "entries", r.len("q:in"), 0)
	same(r, "handled", handled.Load(), jobs)
	if more := r.redis.HGet(r.ctx, r.key("n"), "more in").Val(); more != "" && more != "0" {
		r.Errorf("%s messages are counted beyond the first ones of entries", more)
	}
}

// TestOffersRestWhileThereIsABacklog has a handler that takes long in front of a backlog, of which the process has read
// an entry. Its offers of the rest of that entry are refused, and come less and less often.
func TestOffersRestWhileThereIsABacklog(t *testing.T) {
	t.Parallel()
	r := alone(t)
	in := sub("in", &Step{})
	r.bind(in)
	b := r.open()
	for first := 0; first < 3000; first += 1000 {
		r.publish(b, steps(first, 1000)...)
	}
	c := r.subscribe(r.open(), in)[0]
	c.take(1)
	offers := func() int { return r.calls()["xinfo|groups"] }
	before := offers()
	r.until("an offer was refused", func() bool { return offers() > before })
	start := time.Now()
	r.until("five more were refused", func() bool { return offers() >= before+6 })
	// The pauses are 100 and 200 ms, and 200 ms again. The first one may have begun before the clock.
	if took := time.Since(start); took < 600*time.Millisecond {
		r.Errorf("five offers within %v, though all are refused", took)
	}
}
