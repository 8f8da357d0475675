package backendtest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var stopTests = []test{
	{"StopLetsRunningHandlersFinish", stopLetsHandlersFinish},
	{"StopReleasesWhatWasNotRun", stopReleases},
	{"StopStartsNothingNew", stopStartsNothingNew},
	{"GraceEndsWithACancelledContext", graceEnds},
	{"StopSpendsNoAttempt", stopSpendsNoAttempt},
	{"StopDuringStartEndsRun", stopDuringStart},
	{"RunCanBeRepeated", runCanBeRepeated},
}

// gate holds handlers until it is opened.
type gate struct {
	entered chan struct{} // one value from each handler that has come
	open    chan struct{} // closed once, by the test
}

func newGate() *gate { return &gate{entered: make(chan struct{}, 1000), open: make(chan struct{})} }

func (g *gate) passGate() {
	g.entered <- struct{}{}
	<-g.open
}

// untilEntered waits until a handler has come to the gate.
func (e *env) untilEntered(g *gate) {
	e.Helper()
	select {
	case <-g.entered:
	case <-e.ctx.Done():
		e.Fatal("no handler was called")
	}
}

// stopLetsHandlersFinish within the grace period: their emissions are stored.
func stopLetsHandlersFinish(e *env) {
	b := e.open()
	g := newGate()
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(ctx context.Context, ev *eventA, out emit) error {
			g.passGate()
			if ctx.Err() != nil {
				e.Error("the handler was cancelled within the grace period")
			}
			out(&eventB{N: ev.N})
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	))
	p := e.run(s)
	e.sendA(s, 1, 1)
	e.untilEntered(g)
	p.cancel()
	e.wait(e.units(3))
	close(g.open)
	e.ok(p.wait(), "run")
	same(e, "left", stored(e.health(b, "in")), 0)
	same(e, "stored", stored(e.health(b, "out")), 1-got.len())
}

// stopReleases prefetched deliveries, visible at once, with nothing spent, in order.
func stopReleases(e *env) {
	b := e.open()
	g := newGate()
	var got journal[int64]
	organ := newOrgan("all", e.policy(), on(func(_ context.Context, ev *eventA, _ emit) error {
		if got.len() == 9 { // others are behind it in its batch, for batches have grown
			g.passGate()
		}
		got.add(ev.N)
		return nil
	}))
	s := e.spine(b, organs(organ))
	e.sendA(s, 1, 20)
	p := e.run(s)
	e.untilEntered(g)
	p.cancel()
	e.wait(e.units(2))
	close(g.open)
	e.ok(p.wait(), "run")
	same(e, "leased", e.health(b, "all").Leased, 0)

	first := int64(got.len()) + 1
	if first > 20 {
		e.Fatal("everything was run")
	}
	c := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
	for _, d := range c.takes(upTo(first, 20)...) {
		same(e, "attempts", d.Attempts, 0)
		same(e, "suspect", d.Suspect, false)
	}
}

// stopStartsNothingNew though the running handler takes its time.
func stopStartsNothingNew(e *env) {
	b := e.open()
	g := newGate()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(_ context.Context, ev *eventA, _ emit) error {
		got.add(ev.N)
		if ev.N == 10 { // others are behind it in its batch, for batches have grown
			g.passGate()
		}
		return nil
	}))))
	e.sendA(s, 1, 20)
	p := e.run(s)
	e.untilEntered(g)
	p.cancel()
	e.wait(e.units(2))
	close(g.open)
	e.ok(p.wait(), "run")
	wants(e, "handled", &got, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	same(e, "ready", e.health(b, "all").Ready, 10)
}

// graceEnds: a handler that heeds its context ends Run soon after the grace period.
func graceEnds(e *env) {
	b := e.open()
	entered := newGate()
	close(entered.open)
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
		entered.passGate()
		<-ctx.Done()
		return ctx.Err()
	}))), necro.WithGrace(e.units(5)))
	e.sendA(s, 1, 1)
	p := e.run(s)
	e.untilEntered(entered)
	since := time.Now()
	p.cancel()
	p.wait()
	e.notBefore(since, e.units(5))
	if took := time.Since(since); e.h.Virtual && took > e.units(10) {
		e.Errorf("Run took %v to end, with a grace period of %v", took, e.units(5))
	}
	h := e.health(b, "all")
	same(e, "leased", h.Leased, 0)
	same(e, "stored", stored(h), 1)
	d := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0].one()
	same(e, "attempts", d.Attempts, 0)
}

// stopSpendsNoAttempt of what waited behind the running handler, however often it happens.
func stopSpendsNoAttempt(e *env) {
	b := e.open()
	var attempts journal[int]
	for range 4 {
		g := newGate()
		s := e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
			if ev.N == 8 { // seven are behind it in its batch, for batches have grown
				g.passGate()
				return necro.RetryAfter(errors.New("not yet"), 0)
			}
			m, _ := necro.MetaFrom(ctx)
			attempts.add(m.Attempt)
			return nil
		}))))
		if stored(e.health(b, "all")) == 0 {
			e.sendA(s, 1, 15)
		}
		p := e.run(s)
		e.untilEntered(g)
		p.cancel()
		e.wait(e.units(2)) // so that Run has heard of it
		close(g.open)
		e.ok(p.wait(), "run")
	}
	e.drain(e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		if ev.N == 8 {
			same(e, "attempt of what was run", m.Attempt, 5)
			return nil
		}
		attempts.add(m.Attempt)
		return nil
	})))))
	wants(e, "attempts of what waited", &attempts, slices.Repeat([]int{1}, 14)...)
}

// stopDuringStart cancels at every moment of a start, before it included: Run ends well, and
// nothing is lost.
func stopDuringStart(e *env) {
	b := e.open()
	var got journal[int64]
	var many []contract.Organ
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		many = append(many, newOrgan(name, e.policy(), sink[kindA](&got)))
	}
	s := e.spine(b, many)
	for n := range int64(60) {
		e.sendA(s, n, n)
		ctx, cancel := context.WithCancel(e.ctx)
		if n%3 == 0 {
			cancel()
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Run(ctx); err != nil {
				e.Errorf("run: %v", err)
			}
		})
		runtime.Gosched()
		cancel()
		wg.Wait()
	}
	e.drain(s)
	same(e, "handled", got.len(), 60*len(many))
}

func runCanBeRepeated(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	for n := int64(1); n <= 3; n++ {
		p := e.run(s)
		e.sendA(s, n, n)
		e.until("it is handled", func() bool { return got.len() == int(n) })
		p.stop()
	}
	wants(e, "handled", &got, 1, 2, 3)
}
