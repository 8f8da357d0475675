package backendtest

import (
	"reflect"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Trait is a promise that an engine may do without. What else is optional shows in the methods of the
// engine: the suite skips the tests of contract.Admin, for example, when the backend has no such methods.
type Trait string

// The traits that [Harness].Lacks may name.
const (
	// Ordered engines keep order=key and order=strict.
	Ordered Trait = "order"
	// Exclusive engines let one process at a time run an exclusive organ.
	Exclusive Trait = "exclusive"
	// Delays engines are a contract.DelayingBackend.
	Delays Trait = "delays"
	// States engines are a contract.StatefulBackend.
	States Trait = "states"
	// Schedules engines are a contract.TickingBackend.
	Schedules Trait = "schedules"
	// Rates engines are a contract.RatingBackend.
	Rates Trait = "rates"
	// Uniques engines are a contract.UniqueBackend.
	Uniques Trait = "uniques"
	// Lanes engines are a contract.LaneBackend. A spine gives an engine without lanes no organ that asks for some.
	Lanes Trait = "lanes"
	// Edits engines are a contract.LetterEditor.
	Edits Trait = "edits"
)

// Group is a third of the suite.
type Group string

// The groups of [Run].
const (
	Seam   Group = "Seam"   // directly on contract.Backend, its consumers and its Admin
	Spine  Group = "Spine"  // through a necro.Spine with organs, as a program uses the backend
	Faults Group = "Faults" // a random topology under faults, counted from records of its own
)

// isKept reports whether the engine keeps the order and the exclusiveness that an organ asks for.
func (h *Harness) isKept(order contract.OrderMode, exclusive bool) bool {
	return !(order != contract.OrderFirstAttempts && slices.Contains(h.Lacks, Ordered)) &&
		!(exclusive && slices.Contains(h.Lacks, Exclusive))
}

// asTrait returns the backend as what a trait promises, and skips the test where the engine lacks that.
func asTrait[T any](e *env, b contract.Backend, trait Trait) T {
	e.Helper()
	if slices.Contains(e.h.Lacks, trait) {
		e.Skipf("the backend lacks the trait %s", trait)
	}
	t, ok := b.(T)
	if !ok {
		e.Fatalf("the backend is no %s, and its harness does not say that it lacks %s", reflect.TypeFor[T](), trait)
	}
	return t
}

// keepsLanes reports whether a backend keeps lanes.
func keepsLanes(b contract.Backend) bool {
	l, ok := b.(contract.LaneBackend)
	return ok && l.KeepsLanes()
}

// skipUnkept skips a test whose organ asks for a trait that the engine lacks.
func (e *env) skipUnkept(order contract.OrderMode, exclusive bool) {
	e.Helper()
	if !e.h.isKept(order, exclusive) {
		e.Skip("the backend lacks the order or the exclusiveness that the organ asks for")
	}
}

// lackingTraitsAreRefused: an organ that asks for a trait which the engine lacks ends Run with an error.
// Without its order it would break its promise in silence, and no repetition of the call mends that.
func lackingTraitsAreRefused(e *env) {
	if e.h.isKept(contract.OrderStrict, true) && e.h.isKept(contract.OrderKey, true) {
		e.Skip("the backend lacks no trait that an organ asks for")
	}
	for _, order := range []contract.OrderMode{contract.OrderFirstAttempts, contract.OrderKey, contract.OrderStrict} {
		for _, exclusive := range []bool{false, true} {
			if e.h.isKept(order, exclusive) {
				continue
			}
			policy := e.policy()
			policy.Order, policy.Exclusive = order, exclusive
			var got journal[int64]
			s, err := necro.New(e.open(), necro.WithOrgans(newOrgan("all", policy, sink[kindA](&got))), necro.WithLogger(nil))
			e.ok(err, "new spine")
			if err := e.run(s).wait(); err == nil {
				e.Errorf("an organ with order %d and exclusive %t runs on a backend that does not keep it", order, exclusive)
			}
		}
	}
}
