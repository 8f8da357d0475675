package contract

import (
	"context"
	"fmt"
	"time"
)

// Consumer hands out the deliveries of one organ to one process. Its methods may be
// called concurrently.
type Consumer interface {
	// Fetch waits until there is at least one delivery, and leases at most limit of them, in stored order. It
	// returns ctx's error when ctx ends first; deliveries leased by then are released. A paused organ has no
	// deliveries, nor has an exclusive one that another consumer owns, nor a lane that another one owns.
	//
	// The caller only reads the deliveries, and may copy them: Ref and Tag say which delivery it is. When all of
	// them were settled or released, the consumer's next Fetch may use its memory again. The caller may fetch a
	// batch while it settles the one before.
	Fetch(ctx context.Context, limit int) ([]Delivery, error)
	// Settle applies outcomes, each as one atomic step, in order. results tells for each whether it was: of all settles of
	// a delivery one is applied, and those that come after it, or from a former owner of an exclusive organ or of the delivery's lane, are lost
	// and change nothing. Whether a settle counts that comes after its lease ran out and before the new holder's is up to the
	// backend. One whose state has changed is a conflict: it changes nothing either, and its delivery stays leased, to be
	// released or settled again. Nil results mean that all were applied. After an error any of them may have been applied;
	// repeating the call is harmless. Settle never waits for room. Outcomes that Outcome.Check refuses are an error, and
	// then nothing of the call is applied. A backend of several servers may return an *UnsettledError beside results: it
	// names the outcomes of a server that is down, which may or may not have been applied, and the others need not be
	// repeated.
	Settle(ctx context.Context, outcomes []Outcome) (results Results, err error)
	// Extend renews the leases, and returns the deliveries that are not ours any more. It
	// marks the suspects among them as started: one that comes back without a settle or
	// a release has one more crash counted. It marks those with GivingUp as given up: one that comes back without a
	// settle or a release has GivingUp from then on, until it is settled. The caller sets it in a copy of a delivery.
	// After an error lost tells of those that could be asked about.
	Extend(ctx context.Context, ds []*Delivery) (lost []*Delivery, err error)
	// Release hands deliveries back, visible at once, in front of the events stored behind them. It spends no
	// attempt and takes a mark away. One that is in front of a failed delivery is not held back for ever by
	// that.
	Release(ctx context.Context, ds []*Delivery) error
	// Close gives up the deliveries that are still leased, as a crash of the process would. A second one does
	// nothing and returns nil.
	Close() error
}

// UnsettledError is the error of a Settle that one of a backend's servers did not take part in. The
// spine settles these outcomes again, and goes on with the others meanwhile. Their memory stays
// theirs so long.
type UnsettledError struct {
	Outcomes []int // indexes of those that may not have been applied
	Err      error // why
}

func (e *UnsettledError) Error() string {
	return fmt.Sprintf("%d outcomes are not settled: %v", len(e.Outcomes), e.Err)
}

func (e *UnsettledError) Unwrap() error { return e.Err }

// LeavingConsumer is a Consumer whose Close asks a server, which may not answer. A spine that stops bounds
// all of its consumers together.
type LeavingConsumer interface {
	Consumer
	// CloseWithin is Close that ends when ctx does, at the latest. Deliveries that it could not give up
	// by then come back when their leases run out.
	CloseWithin(ctx context.Context) error
}

// OfferingConsumer is a Consumer for which handing back is work. It offers the deliveries that wait behind a
// slow handler; other consumers hand them back.
type OfferingConsumer interface {
	Consumer
	// Offer hands deliveries back that did not run, for other processes that have nothing to do.
	// Where there is no such process they stay leased, and this consumer's next Fetch returns them,
	// in stored order. It does not wait for others to take them.
	Offer(ctx context.Context, ds []*Delivery) error
}

// BoundConsumer is a Consumer of a backend whose bindings outlive processes. The spine runs the
// organ under the binding, in place of what its annotations say.
type BoundConsumer interface {
	Consumer
	// Binding returns the organ's binding, and the same pointer until the binding changes. It
	// never waits.
	Binding() *Binding
}

// Binding is what a backend keeps of an organ for all processes that run it.
type Binding struct {
	// Identity is the name under which the organ was bound first. Delivery ids and emission ids
	// are hashes of it, so that they survive a rename.
	Identity string
	// Events holds the identities of events by their names: the name under which an event was
	// known first. An event that is missing is known by its own name.
	Events map[string]string
	// Order, Exclusive and Lanes are in effect. They may be others than those of the Subscription, while
	// another process is alive whose Subscription has these. Lanes is 0 or 1 for an organ without lanes.
	Order     OrderMode
	Exclusive bool
	Lanes     int
}

// BreakerConsumer is a Consumer that shows operators the breaker of its process. Without it only the
// process itself knows that its breaker is open.
type BreakerConsumer interface {
	Consumer
	// TellBreaker notes the state of this consumer's breaker for Health, in place of the state told before. A
	// consumer that is closed, or whose process is gone, counts as one without an open breaker.
	TellBreaker(ctx context.Context, b BreakerState) error
}

// BreakerState is the breaker of an organ in one process, which pauses after failures in a row. The
// zero value is one that is closed.
type BreakerState struct {
	Since    time.Time // when it opened
	Failures int       // in a row, when it was told
	Next     time.Time // when the next try is due
}

// String says "open since …, 5 failures in a row, next try at …", in UTC.
func (b BreakerState) String() string {
	if b.Since.IsZero() {
		return "closed"
	}
	return fmt.Sprintf("open since %s, %d failures in a row, next try at %s",
		b.Since.UTC().Format(time.RFC3339), b.Failures, b.Next.UTC().Format(time.RFC3339))
}
