package backendtest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var emissionTests = []test{
	{"EmissionsComeInOrder", emissionsComeInOrder},
	{"EmissionsAreAllOrNone", emissionsAreAllOrNone},
	{"EmissionsOfAPanicAreNone", emissionsOfAPanic},
	{"InvalidEmissionFailsPermanently", invalidEmission},
	{"ForeignEmissionFailsPermanently", foreignEmission},
	{"TooManyEmissionsFailPermanently", tooManyEmissions},
	{"TooLargeEmissionsFailPermanently", tooLargeEmissions},
	{"HeadersCountAsEmittedBytes", headersCount},
	{"LostSettleReplyForksNothing", lostSettleReply},
}

// emissionsComeInOrder from left to right, across types, and of one input after the other.
func emissionsComeInOrder(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			out(&eventB{N: 10*ev.N + 1}, &eventC{N: 10*ev.N + 2}, &eventB{N: 10*ev.N + 3})
			return nil
		}, typeB, typeC)),
		newOrgan("out", e.policy(), sink[kindB](&got), sink[kindC](&got)),
	))
	e.sendA(s, 1, 2)
	stats := e.drain(s)
	wants(e, "order", &got, 11, 12, 13, 21, 22, 23)
	same(e, "emitted", stats.Emitted, 6)
}

// emissionsAreAllOrNone: what a failing call emitted does not count.
func emissionsAreAllOrNone(e *env) {
	b := e.open()
	var calls atomic.Int64
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, _ *eventA, out emit) error {
			n := calls.Add(1)
			out(&eventB{N: n}, &eventB{N: 100 + n})
			if n < 3 {
				return errors.New("not yet")
			}
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "emitted", &got, 3, 103)
}

func emissionsOfAPanic(e *env) {
	b := e.open()
	var calls atomic.Int64
	var got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, _ *eventA, out emit) error {
			n := calls.Add(1)
			out(&eventB{N: n})
			if n == 1 {
				panic("half way")
			}
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	))
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "emitted", &got, 2)
}

// refusedEmission runs a handler whose emissions cannot be taken: it runs once, nothing of
// it is stored, and the dead letter says why.
func refusedEmission(e *env, b contract.Backend, emission []contract.Event, options ...necro.Option) {
	e.Helper()
	var calls, got journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			calls.add(ev.N)
			out(emission...)
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	), options...)
	e.sendA(s, 1, 1)
	e.drain(s)
	wants(e, "calls", &calls, 1)
	wants(e, "emitted", &got)
	l := e.theLetter(b, "in")
	same(e, "reason", l.Reason, contract.ReasonEmission)
	if l.Error == "" {
		e.Error("the dead letter does not say what is wrong")
	}
}

func invalidEmission(e *env) {
	refusedEmission(e, e.open(), []contract.Event{&eventB{N: 1}, &eventB{N: invalid}, &eventB{N: 2}})
}

// foreignEmission is a type that only embeds an event.
func foreignEmission(e *env) {
	refusedEmission(e, e.open(), []contract.Event{&eventB{N: 1}, &embedsB{}})
}

type embedsB struct{ eventB }

func tooManyEmissions(e *env) {
	refusedEmission(e, e.open(), []contract.Event{&eventB{N: 1}, &eventB{N: 2}, &eventB{N: 3}, &eventB{N: 4}},
		necro.WithEmissionLimit(3, 1<<20))
}

func tooLargeEmissions(e *env) {
	b := e.open()
	if !needsPayload(b) {
		e.Skip("bytes count only where they are stored")
	}
	refusedEmission(e, b, []contract.Event{&eventB{N: 1}, &eventB{N: 2, Text: string(make([]byte, 2000))}},
		necro.WithEmissionLimit(100, 1000))
}

// headersCount: each emitted event is stored with the headers of its chain, so that 10,000 tiny ones
// with a header of 110 KB are more than a gigabyte.
func headersCount(e *env) {
	b := e.open()
	if !needsPayload(b) {
		e.Skip("bytes count only where they are stored")
	}
	var calls journal[int64]
	s := e.spine(b, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			calls.add(ev.N)
			for n := range int64(10_000) {
				out(&eventB{N: n})
			}
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), on(func(context.Context, *eventB, emit) error { return nil })),
	))
	e.ok(s.Publish(e.ctx, &eventA{N: 1}, necro.WithHeader("baggage", strings.Repeat("x", 110<<10))), "publish")
	stats := e.drain(s)
	wants(e, "calls", &calls, 1)
	same(e, "emitted", stats.Emitted, 0)
	same(e, "reason", e.theLetter(b, "in").Reason, contract.ReasonEmission)
}

// lostSettleReply: the spine repeats a settle that had been applied.
func lostSettleReply(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	var calls, got journal[int64]
	s := e.spine(faulty, organs(
		newOrgan("in", e.policy(), on(func(_ context.Context, ev *eventA, out emit) error {
			calls.add(ev.N)
			out(&eventB{N: ev.N})
			return nil
		}, typeB)),
		newOrgan("out", e.policy(), sink[kindB](&got)),
	))
	e.sendA(s, 1, 1)
	faulty.Next(OpSettle, LostReply, LostReply, LostReply)
	e.drain(s)
	wants(e, "calls", &calls, 1)
	wants(e, "emitted", &got, 1)
	same(e, "left by a repetition after the drain", stored(e.health(b, "out")), 0)
	if faulty.Bites()[Bite{OpSettle, LostReply}] == 0 {
		e.Error("the fault did not bite")
	}
}
