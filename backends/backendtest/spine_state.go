package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

var spineStateTests = []test{
	{"StateHasEveryEventOnce", stateHasEveryEventOnce},
	{"StateOfAGivenUpEventStays", stateOfAGivenUpEvent},
	{"LackingStatesAreRefused", lackingStatesAreRefused},
}

// diary is the state of an organ: the numbers of the events that it has handled, in order.
type diary struct{ numbers string }

var diaryType = contract.StateType{Name: "SUITE_DIARY", Organ: "keeper", Version: 1, New: func() contract.State { return new(diary) }}

func (d *diary) NecroState() *contract.StateType { return &diaryType }

func (d *diary) Validate() error { return nil }

func (d *diary) AppendMsgpack(b []byte) ([]byte, error) { return wire.AppendString(b, d.numbers), nil }

func (d *diary) ReadMsgpack(b []byte) ([]byte, error) {
	in := wire.Copy(b)
	rest, err := wire.ReadString(in, &d.numbers)
	return wire.Rest(b, in, rest, err)
}

// keeper is an organ that enters each event of type A in the diary of its key, and emits it as one of type B.
func keeper(policy contract.Policy, handle func(ctx context.Context, ev *eventA) error) contract.Organ {
	return testOrgan{contract.OrganSpec{Name: "keeper", Path: "example.com/suite", Policy: policy, State: &diaryType, Routes: []contract.Route{{
		Event: typeA, Method: "Handle", State: true, Emits: []*contract.EventType{typeB},
		Handle: func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
			d, a := out.State.(*diary), ev.(*eventA)
			d.numbers += fmt.Sprint(a.N, " ")
			out.Add(&eventB{N: a.N, Text: a.Text + "/b"})
			return handle(ctx, a)
		},
	}}}}
}

// hasDiary loads the diary of a key.
func (e *env) hasDiary(s *necro.Spine, key, want string) {
	e.Helper()
	d, _, err := necro.Load[diary](e.ctx, s, key)
	e.ok(err, "load")
	if d.numbers != want {
		e.Errorf("the diary of %s has the numbers %s, want %s", key, d.numbers, want)
	}
}

// stateHasEveryEventOnce, in the order in which they were published, though calls fail before and after their effect, some
// handlers fail, and two processes die at work. The emissions are stored once each as well.
func stateHasEveryEventOnce(e *env) {
	const keys, each = 3, 30
	b := e.stateful()
	e.skipUnkept(contract.OrderKey, true)
	var got journal[int64]
	var calls atomic.Int64
	want := make([]strings.Builder, keys)
	for i, dies := range []int64{20, 50, 0} {
		faulty := NewFaulty(e.attachProcess(b), Plan{})
		faulty.Next(OpSettle, LostReply, "", Refused, "", LostReply, Cancelled)
		faulty.Next(OpLoad, Refused, LostReply, "", Refused)
		var failed sync.Map // events that have failed once
		s := e.spine(faulty, organs(keeper(e.policy(), func(_ context.Context, ev *eventA) error {
			if calls.Add(1) == dies {
				faulty.Kill()
			}
			if _, again := failed.LoadOrStore(ev.N, true); !again && ev.N%7 == 0 {
				return fmt.Errorf("not now")
			}
			return nil
		}), newOrgan("out", e.policy(), sink[kindB](&got))), necro.WithGrace(e.units(2)))
		if i == 0 {
			for n := range int64(keys * each) {
				key := n % keys
				e.send(s, &eventA{N: n, Key: fmt.Sprint("key ", key)})
				fmt.Fprint(&want[key], n, " ")
			}
		}
		if dies == 0 {
			e.drain(s)
			for key := range want {
				e.hasDiary(s, fmt.Sprint("key ", key), want[key].String())
			}
			break
		}
		p := e.run(s)
		e.until("a process dies at work", func() bool { return calls.Load() >= dies })
		p.cancel()
		p.wait()
	}
	if all := got.all(); len(slices.Compact(slices.Sorted(slices.Values(all)))) != keys*each {
		e.Errorf("%d of %d events were emitted", len(all), keys*each)
	}
}

// stateOfAGivenUpEvent stays as it was, whatever the handler has made of its own value.
func stateOfAGivenUpEvent(e *env) {
	b := e.stateful()
	e.skipUnkept(contract.OrderKey, true)
	s := e.spine(b, organs(keeper(e.policy(), func(_ context.Context, ev *eventA) error {
		if ev.N == 2 {
			return necro.Permanent(fmt.Errorf("never"))
		}
		return nil
	})))
	for n := range int64(4) {
		e.send(s, &eventA{N: n, Key: "k"})
	}
	e.drain(s)
	e.hasDiary(s, "k", "0 1 3 ")
	e.theLetter(b, "keeper")
}

// lackingStatesAreRefused: an organ with a state must not run on a backend that keeps none.
func lackingStatesAreRefused(e *env) {
	b := e.open()
	if _, ok := b.(contract.StatefulBackend); ok {
		e.Skip("the backend keeps states")
	}
	_, err := necro.New(b, necro.WithOrgans(keeper(e.policy(), nil)), necro.WithLogger(nil))
	if err == nil || !strings.Contains(err.Error(), "keeper") {
		e.Errorf("an organ with state on a backend that keeps none: error %v", err)
	}
}
