package engine

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Envelope is the envelope of a delivery, as a handler sees it. It is necro.Meta, field by field.
type Envelope struct {
	ID          contract.ID
	Correlation contract.ID
	Causation   contract.ID
	DeliveryID  contract.ID
	Type        string
	Version     int
	Organ       string
	Key         string
	Time        time.Time
	Due         time.Time
	Hops        int
	Attempt     int
	Headers     map[string]string
}

// EnvelopeFrom returns the envelope of the event that is being handled, from the handler's context or one that descends
// from it. After the handler returned it works only for a context that was asked for something before.
func EnvelopeFrom(ctx context.Context) (Envelope, bool) {
	c, ok := ctx.Value(contextKey{}).(*deliveryContext)
	if !ok {
		return Envelope{}, false
	}
	return c.envelope()
}

// envelope returns the envelope of the delivery: see [EnvelopeFrom].
func (c *deliveryContext) envelope() (Envelope, bool) {
	s := c.cancelState()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return s.envelope, s != finished
	}
	return c.readEnvelope(), true
}

// EmissionsFrom returns the emissions of a handler's call, from the handler's context or one that descends from it. They
// belong to the goroutine of the handler until it returns.
func EmissionsFrom(ctx context.Context) (*contract.Emissions, bool) {
	c, ok := ctx.Value(contextKey{}).(*deliveryContext)
	if !ok {
		return nil, false
	}
	return c.emissions(), true
}

// emissions returns what the call of the handler emits for the delivery.
func (c *deliveryContext) emissions() *contract.Emissions {
	if c.element != nil {
		return &c.element.out
	}
	return &c.worker.out
}

// SetEmitHeader sets a header of everything that a call of a handler emits, and reports false for a context of no handler
// or of one that has returned. The first one copies the headers of the delivery.
func SetEmitHeader(ctx context.Context, key, value string) bool {
	if b, ok := ctx.Value(contextKey{}).(*batchContext); ok {
		return b.setEmitHeader(key, value)
	}
	c, ok := ctx.Value(contextKey{}).(*deliveryContext)
	return ok && c.setEmitHeader(key, value)
}

func (c *deliveryContext) setEmitHeader(key, value string) bool {
	if c.isOver() {
		return false
	}
	out := c.emissions()
	if out.Headers == nil {
		out.Headers = make(map[string]string, len(c.delivery.Headers)+1)
		maps.Copy(out.Headers, c.delivery.Headers)
	}
	out.Headers[key] = value
	return true
}

// IsHandling reports whether the handler can still be told by its context: see [EnvelopeFrom].
func (c *deliveryContext) IsHandling() bool { return c.state.Load() != finished }

// Handled is the delivery, for middleware: see [contract.HandledDelivery].
func (c *deliveryContext) Handled() *contract.Delivery { return c.delivery }

// readEnvelope copies what the delivery says. The handler runs, or the caller has just ended it: the delivery is still ours.
func (c *deliveryContext) readEnvelope() Envelope {
	d := c.delivery
	return Envelope{
		ID: d.ID, Correlation: d.Correlation, Causation: d.Causation,
		DeliveryID: contract.DeriveID(d.ID, c.worker.organ.binding.Load().seed, 0),
		Type:       c.worker.organ.eventName(d.Type), Version: d.Type.Version,
		Organ: c.worker.organ.Name, Key: d.Key, Time: d.Time(), Due: c.worker.organ.nominalTime(d),
		Hops: int(d.Hops), Attempt: int(d.Attempts) + 1, Headers: d.Headers,
	}
}

type contextKey struct{}

// deliveryContext is the context of one delivery. It is never reused, so a handler may
// keep it; the contexts of a batch share one allocation. What most handlers don't ask
// for, a channel and callbacks, is made when it is asked for. The delivery itself is the
// worker's, and is reused: it is read only while the handler runs.
//
// Its state is one pointer:
//
//	nil            the handler runs, and was asked for nothing
//	a cancelState  the envelope or Done was asked for, or the watch has cancelled it
//	finished       the handler returned, and was asked for nothing
//
// Most contexts go from nil to finished, with one compare-and-swap and no memory of their own. A context that was asked for
// something keeps its envelope in its cancelState when the handler returns, because the delivery is used again.
//
// delivery and worker are written by the worker before the handler is called. deadline is written then, too, and
// read by the watch. element is set with them for a delivery that is handled together with others, and is nil for one alone.
type deliveryContext struct {
	delivery *contract.Delivery
	worker   *worker
	element  *element
	deadline atomic.Int64 // monotonicNanos; 0 for none
	state    atomic.Pointer[cancelState]
}

type cancelState struct {
	mu       sync.Mutex
	done     chan struct{} // nil until a caller asks for it
	err      error
	over     bool // the handler returned, and left its envelope behind
	envelope Envelope
	after    map[*func()]struct{}
}

func (c *deliveryContext) Deadline() (time.Time, bool) {
	nanos := c.deadline.Load()
	if nanos == 0 {
		return time.Time{}, false
	}
	return monotonicTime(nanos), true
}

// Done makes the channel for the first caller. Most handlers never ask, and cost no channel.
func (c *deliveryContext) Done() <-chan struct{} {
	s := c.cancelState()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(chan struct{})
		if s.err != nil {
			close(s.done)
		}
	}
	return s.done
}

func (c *deliveryContext) Err() error {
	s := c.state.Load()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Value finds the context itself under the key of this package, and under that of backends, which ask whether a handler is
// running. Then come the values that are made when they are asked for. All else comes from the context that the run was
// started with.
func (c *deliveryContext) Value(key any) any {
	switch key.(type) {
	case contextKey, contract.HandlerKey:
		return c
	}
	if makeValue := c.worker.organ.engine.Values[key]; makeValue != nil {
		if value := makeValue(c); value != nil {
			return value
		}
	}
	return c.worker.run.values.Value(key)
}

// AfterFunc is what package context looks for, so that contexts derived from this one cost
// no goroutine.
func (c *deliveryContext) AfterFunc(f func()) (stop func() bool) {
	s := c.cancelState()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		go f()
		return func() bool { return false }
	}
	if s.after == nil {
		s.after = map[*func()]struct{}{}
	}
	s.after[&f] = struct{}{}
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, waiting := s.after[&f]
		delete(s.after, &f)
		return waiting
	}
}

// cancelState returns the state, which it makes on first use.
func (c *deliveryContext) cancelState() *cancelState {
	if s := c.state.Load(); s != nil {
		return s
	}
	s := new(cancelState)
	if c.state.CompareAndSwap(nil, s) {
		return s
	}
	return c.state.Load()
}

// cancelWith ends the context; only the first call counts.
func (c *deliveryContext) cancelWith(err error) {
	s := c.cancelState()
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return
	}
	s.err = err
	if s.done != nil {
		close(s.done)
	}
	after := s.after
	s.after = nil
	s.mu.Unlock()
	for f := range after {
		go (*f)()
	}
}

// isOver reports whether the handler returned.
func (c *deliveryContext) isOver() bool {
	s := c.state.Load()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// finishHandler ends a context whose handler returned, for those who still hold it. It reports
// whether the context had ended before.
func (c *deliveryContext) finishHandler() (ended bool) {
	if c.state.CompareAndSwap(nil, finished) {
		return false
	}
	s := c.state.Load()
	s.mu.Lock()
	s.over, s.envelope = true, c.readEnvelope()
	ended = s.err != nil
	s.mu.Unlock()
	c.cancelWith(context.Canceled)
	return ended
}

// finished is the state of every context that was never asked for anything.
var finished = func() *cancelState {
	s := &cancelState{done: make(chan struct{}), err: context.Canceled, over: true}
	close(s.done)
	return s
}()
