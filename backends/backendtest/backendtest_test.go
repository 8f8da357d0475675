package backendtest_test

import (
	"testing"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestMemory runs the suite on the backend that every machine has, as it is and with each
// event passed through its codec.
func TestMemory(t *testing.T) {
	for name, options := range map[string][]memory.Option{"Typed": nil, "Copied": {memory.WithCopy()}} {
		t.Run(name, func(t *testing.T) { backendtest.Run(t, memoryHarness(options...)) })
	}
}

func memoryHarness(options ...memory.Option) backendtest.Harness {
	return backendtest.Harness{
		Virtual: true,
		Open:    func(testing.TB) contract.Backend { return memory.New(options...) },
		OpenLimit: func(_ testing.TB, limit int) contract.Backend {
			return memory.New(append([]memory.Option{memory.WithLimit(limit)}, options...)...)
		},
	}
}
