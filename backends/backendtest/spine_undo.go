package backendtest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var spineUndoTests = []test{
	{"UndosAreEmittedLastFirst", undosAreEmittedLastFirst},
	{"UndoFollowsItsNewName", undoFollowsItsNewName},
}

// turning is a keeper of diaries that keeps undos with the number of each event of type A that says "keep". What it keeps is
// emitted for one that says "turn", and the record ends for "end".
type turning struct {
	e     *env
	undos func(n int64, key string) []contract.Event
	fail  func(n int64) error
}

func (r *turning) NecroOrgan() contract.OrganSpec {
	var types []*contract.EventType
	for _, undo := range r.undos(0, "") {
		types = append(types, undo.NecroEvent())
	}
	return contract.OrganSpec{Name: "keeper", Path: "example.com/suite", Policy: r.e.policy(), State: &diaryType, Routes: []contract.Route{{
		Event: typeA, Method: "Handle", State: true, Undos: types, Compensates: true, Handle: r.handle,
	}}}
}

func (r *turning) handle(_ context.Context, ev contract.Event, out *contract.Emissions) error {
	a := ev.(*eventA)
	out.State.(*diary).numbers += fmt.Sprint(a.N, " ")
	if strings.Contains(a.Text, "keep") {
		out.Undos = append(out.Undos, r.undos(a.N, a.Key)...)
	}
	out.Compensates, out.Ends = strings.Contains(a.Text, "turn"), strings.Contains(a.Text, "end")
	if r.fail != nil {
		return r.fail(a.N)
	}
	return nil
}

// undosAreEmittedLastFirst, once each, under their keys and in the chain of the event that turns back. One of a step that failed was
// not kept, and one of a record that has ended is gone.
func undosAreEmittedLastFirst(e *env) {
	b := e.stateful()
	e.skipUnkept(contract.OrderKey, true)
	var metas journal[necro.Meta]
	var undone journal[int64]
	organ := &turning{e: e, undos: func(n int64, key string) []contract.Event { return []contract.Event{&eventB{N: n, Key: key}} }, fail: func(n int64) error {
		if n == 3 {
			return necro.Permanent(errors.New("this step fails for good"))
		}
		return nil
	}}
	sink := newOrgan("sink", contract.Policy{Order: contract.OrderKey}, on(func(ctx context.Context, ev *eventB, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		metas.add(m)
		undone.add(ev.N)
		return nil
	}))
	s := e.spine(b, organs(organ, sink))
	e.send(s,
		&eventA{N: 1, Key: "k", Text: "keep"}, &eventA{N: 2, Key: "k", Text: "keep"}, &eventA{N: 3, Key: "k", Text: "keep"},
		&eventA{N: 4, Key: "k", Text: "keep"}, &eventA{N: 5, Key: "gone", Text: "keep"}, &eventA{N: 6, Key: "gone", Text: "end"},
		&eventA{N: 7, Key: "gone", Text: "turn"},
	)
	id := contract.NewID()
	e.ok(s.Publish(e.ctx, &eventA{N: 8, Key: "k", Text: "turn"}, necro.WithID(id), necro.WithHeader("tenant", "x")), "publish")
	e.send(s, &eventA{N: 9, Key: "k", Text: "turn end"})
	e.drain(s)
	wants(e, "undos", &undone, 4, 2, 1)
	for _, m := range metas.all() {
		same(e, "key", m.Key, "k")
		same(e, "causation", m.Causation, id)
		same(e, "tenant", m.Headers["tenant"], "x")
	}
	e.hasDiary(s, "k", "")
	e.hasDiary(s, "gone", "7 ")
}

// undoFollowsItsNewName: what was kept under a former name, or in an older version, is emitted as what it is now.
func undoFollowsItsNewName(e *env) {
	b := e.stateful()
	e.skipUnkept(contract.OrderKey, true)
	before := e.spine(b, organs(&turning{e: e, undos: func(n int64, key string) []contract.Event {
		return []contract.Event{&eventFormer{N: n, Key: key}, &eventOld{N: n, Key: key}}
	}}))
	e.send(before, &eventA{N: 1, Key: "k", Text: "keep"})
	e.drain(before)
	e.ok(before.Close(), "close")
	var undone journal[int64]
	after := e.spine(b, organs(&turning{e: e, undos: func(n int64, key string) []contract.Event {
		return []contract.Event{&eventNow{N: n, Key: key}, &eventNew{N: n, Key: key}}
	}}, newOrgan("sink", contract.Policy{Order: contract.OrderStrict}, sink[kindNow](&undone), sink[kindNew](&undone))))
	e.send(after, &eventA{N: 2, Key: "k", Text: "turn"})
	e.drain(after)
	wants(e, "undos", &undone, 1001, 1)
	e.hasDiary(after, "k", "1 2 ")
}
