package redisstream_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestTrouble lets a server fail under a chain of organs. Nobody dies but the server, so nothing
// may wait for a lease to run out: these leases outlive the test.
func TestTrouble(t *testing.T) {
	t.Parallel()
	t.Run("ScriptsAreFlushed", func(t *testing.T) {
		l := newLoad(alone(t))
		l.trouble(10, func(int) { l.do("SCRIPT", "FLUSH") })
	})
	t.Run("ClientsAreKilled", func(t *testing.T) {
		l := newLoad(alone(t))
		l.trouble(5, func(int) { l.do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") })
	})
	t.Run("ServerIsKilled", func(t *testing.T) {
		l := newLoad(alone(t, "--appendonly", "yes", "--appendfsync", "always"))
		l.trouble(2, func(int) {
			l.server.Kill()
			l.ok(l.server.Restart(), "restart")
		})
	})
	t.Run("GroupsAreDestroyed", func(t *testing.T) {
		l := newLoad(share(t))
		l.trouble(9, func(i int) { l.do("XGROUP", "DESTROY", l.key("q:"+chained[i%3]), "necro") })
	})
}

// TestFlushed takes everything from the server under a chain of organs, and under a process that
// only publishes. All that is published afterwards goes the whole way.
func TestFlushed(t *testing.T) {
	t.Parallel()
	t.Run("Flush", func(t *testing.T) {
		l := newLoad(alone(t))
		l.emptied(4, func() { l.do("FLUSHALL") })
	})
	t.Run("Restart", func(t *testing.T) {
		l := newLoad(alone(t)) // a server that stores nothing on disk
		l.emptied(2, func() {
			l.server.Kill()
			l.ok(l.server.Restart(), "restart")
		})
	})
}

// emptied empties the server a number of times while events flow.
func (l *load) emptied(times int, empty func()) {
	stop := l.publishing()
	for range times {
		l.catchUp(int(l.begun.Load()) + 100)
		empty()
		first := int(l.begun.Load()) + 1
		last := first + 100
		l.until("more is published", func() bool { return l.begun.Load() > int64(last) })
		start := time.Now()
		l.until("what was published since then is handled", func() bool {
			return l.missing(first, last) == 0 || time.Since(start) > l.soon()
		})
		if missing := l.missing(first, last); missing > 0 {
			l.Fatalf("%d events that were published since then are not handled", missing)
		}
	}
	stop()
	l.wantNoForks()
}

// chained are the names of the organs of a chain.
var chained = [3]string{"one", "two", "three"}

// load is a chain of three organs in one process, and another process that publishes to it.
type load struct {
	*rig
	publisher *necro.Spine
	begun     atomic.Int64 // the number of the last event whose publishing has begun

	mu    sync.Mutex
	ended map[int]map[contract.ID]bool // events that came to the end of the chain, by number
}

func newLoad(r *rig) *load {
	l := &load{rig: r, ended: map[int]map[contract.ID]bool{}}
	l.begun.Store(-1)
	l.publisher = r.spine(r.open())
	s := r.spine(r.open(), necro.WithLease(2*time.Minute), chain(l.end))
	r.run(s)
	return l
}

// chain is three organs, one behind the other.
func chain(end func(context.Context, *Last, func(contract.Event)) error) necro.Option {
	policy := contract.Policy{BackoffMin: time.Millisecond, BackoffMax: 10 * time.Millisecond}
	return necro.WithOrgans(
		newOrgan(chained[0], policy, on(func(_ context.Context, s *Step, emit func(contract.Event)) error {
			emit(&Next{N: s.N, Key: s.Key})
			return nil
		}, &Next{})),
		newOrgan(chained[1], policy, on(func(_ context.Context, n *Next, emit func(contract.Event)) error {
			emit(&Last{N: n.N, Key: n.Key})
			return nil
		}, &Last{})),
		newOrgan(chained[2], policy, on(end)),
	)
}

// end notes what came to the end of the chain.
func (l *load) end(ctx context.Context, e *Last, _ func(contract.Event)) error {
	meta, _ := necro.MetaFrom(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended[e.N] == nil {
		l.ended[e.N] = map[contract.ID]bool{}
	}
	l.ended[e.N][meta.ID] = true
	return nil
}

// missing counts the events from first to last that have not come to the end.
func (l *load) missing(first, last int) (count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := first; n <= last; n++ {
		if len(l.ended[n]) == 0 {
			count++
		}
	}
	return count
}

// publishing publishes numbered events, each with an id of its own until there is no error.
func (l *load) publishing() (stop func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ctx.Err() == nil; n++ {
			l.begun.Store(int64(n))
			id := necro.WithID(contract.IDOf(fmt.Sprint(l.namespace, n)))
			for l.publisher.Publish(l.ctx, &Step{N: n}, id) != nil && l.ctx.Err() == nil {
				time.Sleep(5 * time.Millisecond)
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	l.Cleanup(stop)
	return stop
}

// trouble makes trouble a number of times while events flow, and wants all of them to come to
// the end once, soon.
func (l *load) trouble(times int, make func(i int)) {
	stop := l.publishing()
	for i := range times {
		l.catchUp(int(l.begun.Load()) + 50)
		make(i)
	}
	l.catchUp(int(l.begun.Load()) + 50)
	stop()
	last := int(l.begun.Load())
	start := time.Now()
	l.until("all is handled", func() bool { return l.missing(0, last) == 0 || time.Since(start) > l.soon() })
	same(l.rig, "events that were lost", l.missing(0, last), 0)
	l.wantNoForks()
}

// catchUp waits until the publisher has come to an event.
func (l *load) catchUp(n int) {
	l.Helper()
	l.until("events are published", func() bool { return int(l.begun.Load()) >= n })
}

func (l *load) wantNoForks() {
	l.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, ids := range l.ended {
		if len(ids) > 1 {
			l.Errorf("event %d ended as %d", n, len(ids))
		}
	}
}
