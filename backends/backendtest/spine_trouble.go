package backendtest

import (
	"context"
	"errors"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var troubleTests = []test{
	{"SettleTroubleIsSurvived", func(e *env) { troubleIsSurvived(e, OpSettle) }},
	{"FetchTroubleIsSurvived", func(e *env) { troubleIsSurvived(e, OpFetch) }},
	{"TroubleIsNotHammered", troubleIsNotHammered},
	{"ExtendTroubleIsSurvived", extendTroubleIsSurvived},
	{"HealthTroubleIsSurvived", func(e *env) { troubleIsSurvived(e, OpHealth) }},
	{"ReleaseTroubleLosesNothing", releaseTroubleLosesNothing},
	{"SubscribeTroubleIsSurvived", subscribeTroubleIsSurvived},
	{"PublishTroubleIsReported", publishTroubleIsReported},
	{"TroubleIsReportedByHealth", troubleIsReported},
	{"MaxBackendFailuresEndRun", maxBackendFailures},
	{"ClosedBackendEndsRun", closedBackendEndsRun},
}

// relaySpine is a chain of two organs.
func relaySpine(e *env, got *journal[int64]) []contract.Organ {
	return organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			out(&eventB{N: ev.N})
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](got)),
	)
}

// everyFault strikes some calls in a row, with a call between them that passes.
var everyFault = []Fault{Refused, LostReply, Cancelled, "", Refused, Refused, LostReply, ""}

// troubleIsSurvived: each event comes to its end, and no chain forks.
func troubleIsSurvived(e *env, op Op) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var got journal[int64]
	s := e.spine(faulty, relaySpine(e, &got), necro.WithLease(e.lease()))
	e.sendA(s, 1, 20)
	faulty.Next(op, everyFault...)
	e.drain(s)
	seen := got.all()
	slices.Sort(seen)
	if seen = slices.Compact(seen); !slices.Equal(seen, upTo(1, 20)) {
		e.Errorf("handled: %v, want 1 to 20", seen)
	}
	if faulty.Bites()[Bite{op, Refused}] == 0 {
		e.Error("the fault did not bite")
	}
}

// troubleIsNotHammered: a call that fails is repeated after a while, not at once.
func troubleIsNotHammered(e *env) {
	const failures = 10
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var got journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	e.sendA(s, 1, 1)
	faulty.Next(OpFetch, slices.Repeat([]Fault{Refused}, failures)...)
	since := time.Now()
	e.drain(s)
	wants(e, "handled", &got, 1)
	if took := time.Since(since); took < failures*time.Millisecond {
		e.Errorf("%d failed calls were repeated within %v", failures, took)
	}
}

// extendTroubleIsSurvived while a handler runs for as long as three leases.
func extendTroubleIsSurvived(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var got journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, ev *eventA, _ emit) error {
		got.add(ev.N)
		return idle(ctx, 3*e.lease())
	}))), necro.WithLease(e.lease()))
	e.sendA(s, 1, 1)
	faulty.Next(OpExtend, Refused, "", LostReply, "", Cancelled, "")
	e.drain(s)
	wants(e, "handled", &got, 1)
	if faulty.Bites()[Bite{OpExtend, Refused}] == 0 {
		e.Error("the fault did not bite")
	}
}

// releaseTroubleLosesNothing: what could not be handed back at stop comes back by itself.
func releaseTroubleLosesNothing(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	g := newGate()
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), on(func(context.Context, *eventA, emit) error {
		g.passGate()
		return nil
	}))), necro.WithLease(e.lease()))
	e.sendA(s, 1, 10)
	p := e.run(s)
	e.untilEntered(g)
	faulty.Next(OpRelease, slices.Repeat([]Fault{Refused}, 50)...)
	p.cancel()
	e.wait(e.units(2))
	close(g.open)
	p.wait()
	c := e.subscribe(e.attachProcess(b), e.mortalOrgan("all", typeA))[0]
	c.takesAny(upTo(2, 10)...)
}

// subscribeTroubleIsSurvived by Run; a program must not die because its backend starts later.
func subscribeTroubleIsSurvived(e *env) {
	b := e.open()
	e.publish(b, messagesA(1, 3)...)
	faulty := NewFaulty(b, Plan{})
	faulty.Next(OpSubscribe, Refused, LostReply, Cancelled)
	var got journal[int64]
	p := e.run(e.spine(faulty, organs(newOrgan("all", e.policy(), sink[kindA](&got)))))
	e.until("everything is handled or Run gave up", func() bool {
		select {
		case <-p.done:
			return true
		default:
			return got.len() == 3
		}
	})
	p.stop()
	wants(e, "handled", &got, 1, 2, 3)
}

// publishTroubleIsReported to the caller; with WithID the publish can be repeated.
func publishTroubleIsReported(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var got journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	e.sendA(s, 0, 0)
	for i, fault := range []Fault{Refused, LostReply, Cancelled} {
		faulty.Next(OpPublish, fault)
		id, ev := contract.NewID(), &eventA{N: int64(i + 1)}
		err := s.Publish(e.ctx, ev, necro.WithID(id))
		if fault != Cancelled && err == nil {
			e.Errorf("publish: no error for a fault that is %s", fault)
		}
		e.ok(s.Publish(e.ctx, ev, necro.WithID(id)), "publish again")
	}
	e.drain(s)
	wants(e, "handled", &got, 0, 1, 2, 3)
}

func troubleIsReported(e *env) {
	faulty := NewFaulty(e.open(), Plan{})
	var got journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	e.sendA(s, 1, 1)
	faulty.Next(OpHealth, Refused)
	if err := s.Health(e.ctx).Err; !errors.Is(err, ErrInjected) {
		e.Errorf("health: error %v, want %v", err, ErrInjected)
	}
	e.ok(s.Health(e.ctx).Err, "health")
	faulty.Next(OpFetch, Refused, Refused)
	e.drain(s)
	if n := s.Stats().BackendFailures; n < 2 {
		e.Errorf("backend failures: %d are counted, want 2 at least", n)
	}
}

func maxBackendFailures(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var got journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", e.policy(), sink[kindA](&got))), necro.WithMaxBackendFailures(3))
	e.sendA(s, 1, 1)
	faulty.Next(OpFetch, slices.Repeat([]Fault{Refused}, 20)...)
	p := e.run(s)
	if err := p.wait(); !errors.Is(err, contract.ErrBackendUnavailable) {
		e.Errorf("run: error %v, want %v", err, contract.ErrBackendUnavailable)
	}
	if n := faulty.Bites()[Bite{OpFetch, Refused}]; n < 3 || n > 5 {
		e.Errorf("Run gave up after %d failures, want 3", n)
	}
	same(e, "stored", stored(e.health(b, "all")), 1)
}

func closedBackendEndsRun(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	p := e.run(s)
	e.sendA(s, 1, 1)
	e.until("it is handled", func() bool { return got.len() == 1 })
	e.ok(b.Close(), "close")
	if err := p.wait(); !errors.Is(err, contract.ErrClosed) {
		e.Errorf("run: error %v, want %v", err, contract.ErrClosed)
	}
	if err := s.Publish(e.ctx, &eventA{N: 2}); !errors.Is(err, contract.ErrClosed) {
		e.Errorf("publish: error %v, want %v", err, contract.ErrClosed)
	}
}
