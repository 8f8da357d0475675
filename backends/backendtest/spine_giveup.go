package backendtest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var spineGiveUpTests = []test{
	{"GiveUpRunsForEveryReason", giveUpForEveryReason},
	{"GiveUpThatFailsLeavesTheLetter", giveUpThatFails},
	{"GiveUpRunsOnceThroughACrash", giveUpThroughACrash},
	{"GiveUpMovesTheStateOfItsKey", giveUpOfAKeeper},
	{"GiveUpHasHopsInReserve", giveUpHasHops},
}

// givingUpTo adds a give-up handler to a route, which emits an event of type B with the number of the event.
func givingUpTo(r contract.Route, giveUp func(ctx context.Context, ev *eventA, why *contract.Death) error) contract.Route {
	r.GiveUp = &contract.Route{
		Event: r.Event, Method: "GiveUp", Emits: []*contract.EventType{typeB},
		Handle: func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
			out.Add(&eventB{N: ev.(*eventA).N})
			return giveUp(ctx, ev.(*eventA), out.Death)
		},
	}
	return r
}

// giveUpForEveryReason that is not about bytes, also where nothing is kept of the delivery.
func giveUpForEveryReason(e *env) {
	for name, test := range map[string]struct {
		action  contract.FailAction
		err     error
		reason  contract.Reason
		letters int
	}{
		"exhausted": {contract.Dead, errNever, contract.ReasonExhausted, 1},
		"permanent": {contract.Dead, necro.Permanent(errNever), contract.ReasonPermanent, 1},
		"dropped":   {contract.Drop, errNever, contract.ReasonExhausted, 0},
		"halted":    {contract.Halt, errNever, contract.ReasonExhausted, 1},
	} {
		b := e.open()
		var heard journal[int64]
		var reasons journal[contract.Reason]
		failing := on(func(context.Context, *eventA, emit) error { return test.err })
		s := e.spine(b, organs(newOrgan("all", e.onFail(test.action), givingUpTo(failing, func(_ context.Context, _ *eventA, why *contract.Death) error {
			reasons.add(why.Reason)
			if !strings.Contains(why.Error, errNever.Error()) {
				e.Errorf("%s: the handler is told %q", name, why.Error)
			}
			return nil
		})), newOrgan("heard", e.policy(), sink[kindB](&heard))))
		e.sendA(s, 1, 1)
		if test.action == contract.Halt {
			_, err := s.Drain(e.ctx)
			var halted *necro.HaltedError
			if !errors.As(err, &halted) && !errors.Is(err, necro.ErrPaused) {
				e.Errorf("drain: error %v, want one of a halted organ", err)
			}
			e.ok(e.admin(b).Resume(e.ctx, "all"), "resume")
		}
		e.drain(s)
		wants(e, name+": told", &reasons, test.reason)
		wants(e, name+": heard", &heard, 1)
		letters := e.deadLetters(b, "all")
		same(e, name+": letters", len(letters), test.letters)
		for _, l := range letters {
			same(e, name+": gave up", l.GaveUp, true)
			same(e, name+": reason", l.Reason, test.reason)
		}
	}
}

// giveUpThatFails: the letter is stored without its emissions, once, and says both errors.
func giveUpThatFails(e *env) {
	b := e.open()
	var heard journal[int64]
	failing := on(func(context.Context, *eventA, emit) error { return errNever })
	s := e.spine(b, organs(newOrgan("all", e.policy(), givingUpTo(failing, func(_ context.Context, ev *eventA, _ *contract.Death) error {
		if ev.N == 2 {
			panic("no way out")
		}
		return errors.New("no way out")
	})), newOrgan("heard", e.policy(), sink[kindB](&heard))))
	e.sendA(s, 1, 2)
	e.drain(s)
	wants(e, "heard", &heard)
	letters := e.deadLetters(b, "all")
	same(e, "letters", len(letters), 2)
	for _, l := range letters {
		same(e, "gave up", l.GaveUp, false)
		if !strings.Contains(l.Error, errNever.Error()) || !strings.Contains(l.Error, "give-up handler GiveUp failed, too") || !strings.Contains(l.Error, "no way out") {
			e.Errorf("the letter says %q, want both errors", l.Error)
		}
	}
}

// giveUpThroughACrash: the process dies in the give-up handler. Another one stores the letter without running it.
func giveUpThroughACrash(e *env) {
	b := e.open()
	var heard journal[int64]
	var calls atomic.Int64
	faulty := NewFaulty(e.attachProcess(b), Plan{})
	failing := on(func(context.Context, *eventA, emit) error { return necro.Permanent(errNever) })
	organ := newOrgan("all", e.policy(), givingUpTo(failing, func(context.Context, *eventA, *contract.Death) error {
		if calls.Add(1) == 1 {
			faulty.Kill()
		}
		return nil
	}))
	listener := newOrgan("heard", e.policy(), sink[kindB](&heard))
	dying := e.spine(faulty, organs(organ, listener))
	e.sendA(dying, 1, 1)
	p := e.run(dying)
	e.until("the process dies", func() bool { return calls.Load() == 1 })
	p.cancel()
	p.wait()
	other := e.spine(b, organs(organ, listener))
	e.drain(other)
	same(e, "calls of the give-up handler", calls.Load(), 1)
	wants(e, "heard", &heard)
	l := e.theLetter(b, "all")
	same(e, "gave up", l.GaveUp, false)
	same(e, "reason", l.Reason, contract.ReasonCrashed)
	if !strings.Contains(l.Error, "does not run again") {
		e.Errorf("the letter says %q", l.Error)
	}
}

// giveUpOfAKeeper: the give-up handler sees what the last step left, without what the handler that failed has changed, and what
// it leaves is stored.
func giveUpOfAKeeper(e *env) {
	b := e.stateful()
	e.skipUnkept(contract.OrderKey, true)
	organ := keeper(e.policy(), func(_ context.Context, ev *eventA) error {
		if ev.N == 2 {
			return necro.Permanent(errNever)
		}
		return nil
	}).(testOrgan)
	route := &organ.spec.Routes[0]
	route.GiveUp = &contract.Route{Event: typeA, Method: "GiveUp", State: true, Handle: func(_ context.Context, ev contract.Event, out *contract.Emissions) error {
		out.State.(*diary).numbers += "gave-up "
		return nil
	}}
	s := e.spine(b, organs(organ))
	for n := range int64(3) {
		e.send(s, &eventA{N: n + 1, Key: "k"})
	}
	e.drain(s)
	e.hasDiary(s, "k", "1 gave-up 3 ")
	same(e, "dead", e.health(b, "keeper").Dead, 1)
}

// giveUpHasHops: a chain that is too long is given up, and what its give-up handler emits goes on until its reserve is spent.
func giveUpHasHops(e *env) {
	b := e.open()
	var hops journal[int]
	policy := e.policy()
	policy.MaxHops = 3
	route := on(func(ctx context.Context, ev *eventA, out emit) error {
		m, _ := necro.MetaFrom(ctx)
		hops.add(m.Hops)
		out(&eventA{N: ev.N + 1})
		return nil
	}, typeA)
	route.GiveUp = &contract.Route{Event: typeA, Method: "GiveUp", Emits: []*contract.EventType{typeA},
		Handle: func(_ context.Context, ev contract.Event, out *contract.Emissions) error {
			out.Add(&eventA{N: ev.(*eventA).N + 1})
			return nil
		}}
	s := e.spine(b, organs(newOrgan("all", policy, route)))
	e.sendA(s, 1, 1)
	e.drain(s)
	same(e, "letters", e.health(b, "all").Dead, 2) // where the chain gets its reserve, and where that is spent
	if list := hops.all(); len(list) == 0 || list[len(list)-1] != 3+16 {
		e.Errorf("hops %v, want them to end at %d", list, 3+16)
	}
}
