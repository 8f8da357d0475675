// Package intercept lets a test step between a spine and its backend: the test counts calls, delays them, lets them
// fail or leaves them out, while a real backend does the rest.
//
// [New] returns a backend that passes every call on, but for those that have a function in [Calls]:
//
//	backend := intercept.New(memory.New(), intercept.Calls{
//		Settle: func(ctx context.Context, c contract.Consumer, outcomes []contract.Outcome) (contract.Results, error) {
//			settles.Add(1)
//			return c.Settle(ctx, outcomes)
//		},
//	})
//
// A function receives the real backend or the real consumer beside the arguments of the call, and decides whether and
// how often to call it. Spines call a backend concurrently, so they call these functions concurrently, too.
//
// Of the optional interfaces of a backend, OnePublisher, PayloadBackend, DelayingBackend, TickingBackend, StatefulBackend,
// RatingBackend and FullnessReporter are passed on, and of those of a consumer LeavingConsumer. A test that needs contract.Admin asks the real backend.
package intercept

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Calls holds the functions of a test, one for each call of the seam. A nil function passes its call on.
type Calls struct {
	// Publish is for PublishOne, too, with a slice of one message.
	Publish   func(ctx context.Context, b necro.Backend, msgs []necro.Message, options contract.PublishOptions) (contract.Duplicates, error)
	Subscribe func(ctx context.Context, b necro.Backend, subs []contract.Subscription) ([]contract.Consumer, error)
	Health    func(ctx context.Context, b necro.Backend) contract.Health
	Fetch     func(ctx context.Context, c contract.Consumer, limit int) ([]contract.Delivery, error)
	Settle    func(ctx context.Context, c contract.Consumer, outcomes []contract.Outcome) (contract.Results, error)
	Extend    func(ctx context.Context, c contract.Consumer, ds []*contract.Delivery) ([]*contract.Delivery, error)
	Release   func(ctx context.Context, c contract.Consumer, ds []*contract.Delivery) error
	// LoadStates is called only where the real backend keeps states.
	LoadStates func(ctx context.Context, b contract.StatefulBackend, organ string, keys []string) ([]contract.StateRecord, error)
	// Leave is for Close and CloseWithin of a consumer; of Close the context never ends.
	Leave func(ctx context.Context, c contract.Consumer) error
}
