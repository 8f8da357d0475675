package redisstream_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestProcessesShareTheLoad lets two processes work on one organ, each of which waits at its
// first event for the other one to have one.
func TestProcessesShareTheLoad(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.bind(sub("in", &Step{}))
	var started sync.WaitGroup
	started.Add(2)
	handled := journal[int]{}
	process := func() *necro.Spine {
		first := sync.OnceFunc(func() {
			started.Done()
			started.Wait()
		})
		s := r.spine(r.open(), necro.WithOrgans(newOrgan("in", contract.Policy{}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
			first()
			handled.add(s.N)
			return nil
		}))))
		r.run(s)
		return s
	}
	const n = 400
	r.publish(r.open(), steps(0, n)...)
	a, b := process(), process()
	r.until("all is handled", func() bool { return a.Stats().Handled+b.Stats().Handled >= n })
	if a.Stats().Handled == 0 || b.Stats().Handled == 0 {
		t.Errorf("the processes handled %d and %d", a.Stats().Handled, b.Stats().Handled)
	}
	r.wantOnce(&handled, n)
}

// TestProcessesJoinAndLeave lets processes come and go while events flow. Each event is handled
// once: who leaves hands back what it has not run.
func TestProcessesJoinAndLeave(t *testing.T) {
	t.Parallel()
	r := share(t)
	handled := journal[int]{}
	join := func() (leave func()) {
		return r.run(r.spine(r.open(), necro.WithOrgans(newOrgan("in", contract.Policy{Concurrency: 4}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
			time.Sleep(200 * time.Microsecond)
			handled.add(s.N)
			return nil
		})))))
	}
	const rounds, each = 12, 200
	publisher := r.open()
	leave := join()
	for i := range rounds {
		r.publish(publisher, steps(i*each, each)...)
		joined := join()
		r.until("work goes on", func() bool { return handled.len() >= i*each/2 })
		leave()
		leave = joined
	}
	r.until("all is handled", func() bool { return handled.len() >= rounds*each })
	leave()
	r.wantOnce(&handled, rounds*each)
	same(r, "entries", r.len("q:in"), 0)
}

// wantOnce wants the numbers from 0 to n-1, in any order, once each.
func (r *rig) wantOnce(handled *journal[int], n int) {
	r.Helper()
	times := make(map[int]int, n)
	for _, number := range handled.all() {
		times[number]++
	}
	same(r, "different events handled", len(times), n)
	same(r, "calls of handlers", handled.len(), n)
}

// TestOlderProgramDeclines runs an organ in two versions side by side. The older one knows
// nothing of an event that the newer one handles, and leaves it to that.
func TestOlderProgramDeclines(t *testing.T) {
	t.Parallel()
	r := share(t)
	busy, free := make(chan struct{}), make(chan struct{})
	defer close(free)
	steps := on(func(ctx context.Context, _ *Step, _ func(contract.Event)) error {
		close(busy)
		select {
		case <-free:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	handled := journal[int]{}
	older := r.spine(r.open(), necro.WithOrgans(newOrgan("in", contract.Policy{}, steps)))
	newer := r.spine(r.open(), necro.WithOrgans(newOrgan("in", contract.Policy{}, steps, on(func(_ context.Context, n *Next, _ func(contract.Event)) error {
		handled.add(n.N)
		return nil
	}))))
	r.bind(sub("in", &Step{}, &Next{})) // the newer one was there before
	r.run(older)
	r.ok(newer.Publish(r.ctx, &Next{N: 7}), "publish")
	r.until("the older one declines", func() bool { return older.Stats().Declined > 0 })
	r.ok(newer.Publish(r.ctx, &Step{}), "publish")
	<-busy // so that the next one to ask is the newer one
	r.run(newer)
	r.until("the newer one handles it", func() bool { return handled.len() > 0 })
	same(r, "what is handled", handled.all()[0], 7)
	same(r, "declined by the newer one", newer.Stats().Declined, 0)
	same(r, "dead letters", r.health(r.open(), "in").Dead, 0)
}

// TestUnknownEventDiesInTime wants what nobody knows to be given up at the limit.
func TestUnknownEventDiesInTime(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.bind(sub("in", &Step{}, &Next{}))
	b := r.open()
	r.publish(b, message(&Next{N: 7}))
	s := r.spine(b, necro.WithDeclineLimit(time.Millisecond), necro.WithOrgans(newOrgan("in", contract.Policy{},
		on(func(context.Context, *Step, func(contract.Event)) error { return errors.New("never called") }))))
	_, err := s.Drain(r.ctx)
	r.ok(err, "drain")
	letters, err := b.DeadLetters(r.ctx, "in", contract.ID{}, 10)
	r.ok(err, "dead letters")
	if len(letters) != 1 || letters[0].Reason != contract.ReasonUnknownType || letters[0].Message.Type.Name != "NEXT" {
		t.Errorf("dead letters: %+v, want the event with reason %s", letters, contract.ReasonUnknownType)
	}
}

// TestCrashedProcessesAreForgotten lets processes end without a word. The list of those that are
// alive does not grow with them.
func TestCrashedProcessesAreForgotten(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.do("ZADD", r.key("live"), 1, "in crashed:1", 2, "in crashed:2")
	b := r.open()
	r.subscribe(b, sub("in", &Step{}))
	same(r, "consumers", r.health(b, "in").Consumers, 1)
	r.until("only the living are listed", func() bool { return r.do("ZCARD", r.key("live")).(int64) == 1 })
}
