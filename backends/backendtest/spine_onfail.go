package backendtest

import (
	"context"
	"errors"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var onFailTests = []test{
	{"OnFailDropKeepsNothing", onFailDrop},
	{"OnFailHaltStopsRun", onFailHalt},
	{"HaltedOrganIsPausedForAll", haltedOrganIsPaused},
	{"DeadLetterLimitPausesTheOrgan", deadLetterLimit},
}

var errNever = errors.New("never")

// onlyEven fails for odd numbers.
func onlyEven(got *journal[int64]) contract.Route {
	return on(func(_ context.Context, ev *eventA, _ emit) error {
		if ev.N%2 != 0 {
			return errNever
		}
		got.add(ev.N)
		return nil
	})
}

func (e *env) onFail(action contract.FailAction) contract.Policy {
	policy := e.policy()
	policy.Retry, policy.OnFail = 2, action
	return policy
}

func onFailDrop(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.onFail(contract.Drop), onlyEven(&got))))
	e.sendA(s, 1, 4)
	stats := e.drain(s)
	wants(e, "handled", &got, 2, 4)
	same(e, "all", stats.Counts, necro.Counts{Handled: 2, Retried: 2, Dropped: 2})
	same(e, "dead", e.health(b, "all").Dead, 0)
}

func onFailHalt(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.onFail(contract.Halt), onlyEven(&got))))
	id := contract.NewID()
	e.ok(s.Publish(e.ctx, &eventA{N: 1}, necro.WithID(id)), "publish")
	p := e.run(s)
	err := p.wait()
	var halted *necro.HaltedError
	if !errors.As(err, &halted) {
		e.Fatalf("run: error %v, want a *HaltedError", err)
	}
	same(e, "organ", halted.Organ, "all")
	same(e, "event", halted.Event, typeA.Name)
	same(e, "id", halted.ID, id)
	if !errors.Is(err, errNever) {
		e.Errorf("run: error %v does not wrap the handler's", err)
	}
	if e.health(b, "all").Paused == "" {
		e.Error("the organ is not paused")
	}
	same(e, "id of the dead letter", e.theLetter(b, "all").Message.ID, id)
}

// haltedOrganIsPaused for other processes, until an operator has mended it.
func haltedOrganIsPaused(e *env) {
	b := e.open()
	admin := e.admin(b)
	var got journal[int64]
	organ := newOrgan("all", e.onFail(contract.Halt), onlyEven(&got))
	s := e.spine(b, organs(organ))
	e.sendA(s, 1, 1)
	e.run(s).wait()
	other := e.spine(e.attachProcess(b), organs(organ))
	e.sendA(other, 2, 2)
	if _, err := other.Drain(e.ctx); !errors.Is(err, necro.ErrPaused) {
		e.Errorf("drain: error %v, want %v", err, necro.ErrPaused)
	}
	same(e, "handled while paused", got.len(), 0)
	e.ok(admin.Resume(e.ctx, "all"), "resume")
	e.drain(other)
	wants(e, "handled", &got, 2)
}

// deadLetterLimit: nothing is dropped, and events that are not handled stay stored.
func deadLetterLimit(e *env) {
	b := e.open()
	policy := e.policy()
	policy.Retry = 1
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		return errNever
	}))), necro.WithDeadLetterLimit(3, 1<<20))
	e.sendA(s, 1, 40)
	if _, err := s.Drain(e.ctx); !errors.Is(err, necro.ErrPaused) {
		e.Errorf("drain: error %v, want %v", err, necro.ErrPaused)
	}
	h := e.health(b, "all")
	same(e, "stored and dead", stored(h)+h.Dead, 40)
	if h.Dead < 3 || h.Dead == 40 {
		e.Errorf("dead: got %d, want 3 and what ran already", h.Dead)
	}
}
