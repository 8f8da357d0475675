package backendtest

import (
	"bytes"
	"context"
	"errors"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var validityTests = []test{
	{"PublishRefusesAnInvalidEvent", publishRefusesInvalid},
	{"PublishRefusesWhatIsNoEvent", publishRefusesWhatIsNoEvent},
	{"PublishBatchIsAllOrNone", publishBatchIsAllOrNone},
	{"TwoTypesUnderOneNameAreRefused", twoTypesUnderOneName},
	{"EventsAreNotChanged", eventsAreNotChanged},
	{"OlderVersionIsUpcast", olderVersionIsUpcast},
	{"FormerNameIsRead", formerNameIsRead},
}

// publishingSpine returns a spine whose organ is bound and does not run.
func publishingSpine(e *env, b contract.Backend) *necro.Spine {
	e.Helper()
	var got journal[int64]
	return e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
}

func publishRefusesInvalid(e *env) {
	b := e.open()
	s := publishingSpine(e, b)
	err := s.Publish(e.ctx, &eventA{N: invalid})
	var violations *contract.ValidationError
	if !errors.As(err, &violations) {
		e.Fatalf("publish: error %v, want a *ValidationError", err)
	}
	same(e, "event", violations.Event, typeA.Name)
	same(e, "path", violations.Violations[0].Path, "n")
	same(e, "stored", stored(e.health(b, "all")), 0)
}

// embedsA has all methods of an event, and is none.
type embedsA struct {
	eventA
	More string
}

func publishRefusesWhatIsNoEvent(e *env) {
	b := e.open()
	s := publishingSpine(e, b)
	var null *eventA
	for what, ev := range map[string]contract.Event{"nil": nil, "a nil pointer": null, "an embedding type": &embedsA{}} {
		e.noPanic("publish of "+what, func() {
			if err := s.Publish(e.ctx, ev); err == nil {
				e.Errorf("publish takes %s", what)
			}
		})
	}
	same(e, "stored", stored(e.health(b, "all")), 0)
}

// noPanic reports a panic as a failure of its test.
func (e *env) noPanic(doing string, f func()) {
	e.Helper()
	defer func() {
		if v := recover(); v != nil {
			e.Errorf("%s panics: %v", doing, v)
		}
	}()
	f()
}

func publishBatchIsAllOrNone(e *env) {
	b := e.open()
	s := publishingSpine(e, b)
	err := s.PublishBatch(e.ctx, []contract.Event{&eventA{N: 1}, &eventA{N: invalid}, &eventA{N: 3}})
	var violations *contract.ValidationError
	if !errors.As(err, &violations) {
		e.Errorf("publish: error %v, want a *ValidationError", err)
	}
	same(e, "stored", stored(e.health(b, "all")), 0)
	e.ok(s.PublishBatch(e.ctx, nil), "publish of no events")
}

// twoTypesUnderOneName and version: bytes could not tell which is meant.
func twoTypesUnderOneName(e *env) {
	double := newType[kindB](typeA.Name)
	var got journal[int64]
	_, err := necro.New(e.open(), necro.WithOrgans(
		newOrgan("one", e.policy(), sink[kindA](&got)),
		newOrgan("other", e.policy(), on(func(context.Context, *eventC, emit) error { return nil }, double)),
	))
	if err == nil {
		e.Error("a spine takes two types under one name")
	}
}

// eventsAreNotChanged by what the backend and the spine do with them, an upcast included.
func eventsAreNotChanged(e *env) {
	b := e.open()
	var got journal[int64]
	failing := func(name string) contract.Organ {
		return newOrgan(name, e.policy(), on(func(ctx context.Context, ev *eventNew, _ emit) error {
			if m, _ := necro.MetaFrom(ctx); m.Attempt == 1 {
				return errors.New("not yet")
			}
			got.add(ev.N)
			return nil
		}))
	}
	s := e.spine(b, organs(failing("left"), failing("right")))
	events := []contract.Event{&eventOld{N: 1, Key: "k", Text: "t"}, &eventNew{N: 2, Key: "k", Text: "t"}}
	before := make([][]byte, len(events))
	for i, ev := range events {
		before[i], _ = ev.AppendMsgpack(nil)
	}
	e.publish(b, message(events[0]))
	e.send(s, events[1])
	e.drain(s)
	same(e, "handled", got.len(), 4)
	for i, ev := range events {
		if after, _ := ev.AppendMsgpack(nil); !bytes.Equal(before[i], after) {
			e.Errorf("event %d was changed: %x, now %x", i, before[i], after)
		}
	}
}

func olderVersionIsUpcast(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindNew](&got))))
	old := message(&eventOld{N: 1})
	bare := message(&eventOld{N: 2}) // as a backend of bytes hands it over
	payload, err := bare.Encoded()
	e.ok(err, "encode")
	bare.Event, bare.Payload, bare.Type = nil, payload, &contract.EventType{Name: typeOld.Name, Version: 1}
	e.publish(b, old, message(&eventNew{N: 3}))
	e.ok(publishAll(e.ctx, b, []contract.Message{bare}), "publish")
	e.drain(s)
	wants(e, "handled", &got, 1001, 3, 1002)
}

// formerNameIsRead: an older program publishes under the name that an event had, before and
// after the newer one is there.
func formerNameIsRead(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindNow](&got))))
	e.publish(b, formerEvent(e, 1))
	e.send(s, &eventNow{N: 2})
	e.publish(b, formerEvent(e, 3))
	e.drain(s)
	wants(e, "handled", &got, 1, 2, 3)
}
