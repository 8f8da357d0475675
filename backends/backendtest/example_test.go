package backendtest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The test of a backend of your own. Here the memory backend stands for it; a backend that
// talks to a server leaves Virtual out, and gives Attach to stand for a second process.
func Example() {
	_ = func(t *testing.T) {
		backendtest.Run(t, backendtest.Harness{
			Open:    func(testing.TB) contract.Backend { return memory.New(memory.WithCopy()) },
			Virtual: true,
		})
	}
}

// The backend stores an event, and its reply is lost.
func ExampleFaulty() {
	ctx := context.Background()
	backend := memory.New()
	defer backend.Close()
	faulty := backendtest.NewFaulty(backend, backendtest.Plan{})
	faulty.Next(backendtest.OpPublish, backendtest.LostReply)

	event := contract.Message{ID: contract.NewID(), Type: &contract.EventType{Name: "ORDER_PLACED", Version: 1}}
	_, err := faulty.Publish(ctx, []contract.Message{event}, contract.PublishOptions{})
	fmt.Println(errors.Is(err, backendtest.ErrInjected))
	fmt.Println(backend.Health(ctx).Parked)
	// Output:
	// true
	// [{ORDER_PLACED 1 0}]
}
