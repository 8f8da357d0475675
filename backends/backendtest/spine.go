package backendtest

import (
	"context"
	"slices"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// spineTests are the promises that a program sees, with a spine over the backend.
func spineTests() []test {
	return slices.Concat(emissionTests, identityTests, independenceTests, boundTests, poisonTests,
		failureTests, stopTests, hangTests, troubleTests, validityTests, observeTests, sequenceTests, spineLaneTests,
		hostileTests, runningTests, onFailTests, shareTests, delayedTests, scheduleTests, spineStateTests, spineGiveUpTests, spineBatchTests, spineTimerTests, spineUndoTests, spineRateTests, spineUniqueTests)
}

// testOrgan is an organ as generated code would describe it.
type testOrgan struct{ spec contract.OrganSpec }

func (o testOrgan) NecroOrgan() contract.OrganSpec { return o.spec }

func newOrgan(name string, policy contract.Policy, routes ...contract.Route) contract.Organ {
	return testOrgan{contract.OrganSpec{Name: name, Path: "example.com/suite", Policy: policy, Routes: routes}}
}

// emit adds events to what a handler call emits.
type emit func(...contract.Event)

// on is a route to a handler of one type.
func on[K kind](handle func(ctx context.Context, ev *item[K], out emit) error, emits ...*contract.EventType) contract.Route {
	var k K
	return contract.Route{
		Event: k.event(), Method: "Handle", Emits: emits,
		Handle: func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
			return handle(ctx, ev.(*item[K]), func(evs ...contract.Event) {
				for _, ev := range evs {
					out.Add(ev)
				}
			})
		},
	}
}

// sink is a route to a handler that writes down the numbers it was given.
func sink[K kind](j *journal[int64]) contract.Route {
	return on(func(_ context.Context, ev *item[K], _ emit) error {
		j.add(ev.N)
		return nil
	})
}

// journal is an append-only record that handlers write. Its readers get copies.
type journal[T any] struct {
	mu   sync.Mutex // guards list
	list []T
}

func (j *journal[T]) add(v T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, v)
}

func (j *journal[T]) all() []T {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.list)
}

func (j *journal[T]) len() int { return len(j.all()) }

// wants compares the numbers of a journal.
func wants[T comparable](e *env, what string, j *journal[T], want ...T) {
	e.Helper()
	if got := j.all(); !slices.Equal(got, want) {
		e.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// policy is what most tests run with: failures come back soon.
func (e *env) policy() contract.Policy {
	return contract.Policy{Retry: 5, BackoffMin: e.h.Unit / 4, BackoffMax: e.h.Unit}
}

// spine returns a spine with organs. It logs nothing, and stops at the end of the test.
func (e *env) spine(b contract.Backend, organs []contract.Organ, options ...necro.Option) *necro.Spine {
	e.Helper()
	for _, o := range organs {
		policy := o.NecroOrgan().Policy
		e.skipUnkept(policy.Order, policy.Exclusive)
	}
	s, err := necro.New(b, append([]necro.Option{
		necro.WithOrgans(organs...), necro.WithLogger(nil), necro.WithGrace(e.units(100)),
	}, options...)...)
	e.ok(err, "new spine")
	return s
}

func organs(list ...contract.Organ) []contract.Organ { return list }

// process is a spine that runs.
type process struct {
	e      *env
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// run starts a spine.
func (e *env) run(s *necro.Spine) *process {
	ctx, cancel := context.WithCancel(e.ctx)
	p := &process{e: e, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = s.Run(ctx)
	}()
	e.Cleanup(func() {
		cancel()
		<-p.done
	})
	return p
}

// wait returns what Run returned.
func (p *process) wait() error {
	p.e.Helper()
	select {
	case <-p.done:
		return p.err
	case <-p.e.ctx.Done():
		p.e.Fatal("Run does not return")
		return nil
	}
}

// stop ends the run as a shutdown does, and wants it to end well.
func (p *process) stop() {
	p.e.Helper()
	p.cancel()
	p.e.ok(p.wait(), "run")
}

// send publishes events through a spine, one by one.
func (e *env) send(s *necro.Spine, events ...contract.Event) {
	e.Helper()
	for _, ev := range events {
		e.ok(s.Publish(e.ctx, ev), "publish")
	}
}

// sendA publishes events of type A with the numbers from first to last, in calls as large as every backend takes.
func (e *env) sendA(s *necro.Spine, first, last int64) {
	e.Helper()
	var events []contract.Event
	for n := first; n <= last; n++ {
		events = append(events, &eventA{N: n})
	}
	for call := range slices.Chunk(events, 1000) {
		e.ok(s.PublishBatch(e.ctx, call), "publish")
	}
}

// drain works until nothing is left.
func (e *env) drain(s *necro.Spine) necro.Stats {
	e.Helper()
	stats, err := s.Drain(e.ctx)
	e.ok(err, "drain")
	return stats
}

// idle is a context-aware wait of a handler.
func idle(ctx context.Context, d time.Duration) error {
	return sleep(ctx, d)
}

// upTo returns the numbers from first to last.
func upTo(first, last int64) []int64 {
	var out []int64
	for n := first; n <= last; n++ {
		out = append(out, n)
	}
	return out
}

// theLetter returns the only dead letter of an organ.
func (e *env) theLetter(b contract.Backend, organ string) contract.DeadLetter {
	e.Helper()
	ls := e.deadLetters(b, organ)
	if len(ls) != 1 {
		e.Fatalf("organ %s has %d dead letters, want 1", organ, len(ls))
	}
	return ls[0]
}
