package errorful_test

import (
	"testing"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/backendtest/internal/errorful"
	"github.com/necrostack/necrogen/runtime/contract"
)

// harness opens engines whose calls fail every so often.
func harness(every int) backendtest.Harness {
	return backendtest.Harness{
		Virtual: true,
		Open:    func(testing.TB) contract.Backend { return errorful.New(every) },
		Lacks:   []backendtest.Trait{backendtest.Ordered, backendtest.Exclusive, backendtest.Delays, backendtest.States, backendtest.Rates, backendtest.Uniques, backendtest.Lanes, backendtest.Edits},
	}
}

// TestConformance runs the parts of the suite that the engine's traits promise. No call fails here, because a test that
// makes a call of the contract itself wants to see its effect.
func TestConformance(t *testing.T) { backendtest.Run(t, harness(0)) }

// TestErrors has each seventh call of a consumer fail, beside the faults that the suite injects. Spines survive that:
// no event is lost or handled twice.
func TestErrors(t *testing.T) { backendtest.Run(t, harness(7), backendtest.Faults) }
