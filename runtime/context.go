package necro

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Meta is the envelope of the event that a handler was given.
type Meta struct {
	ID          ID // of the event
	Correlation ID // of the chain's first event
	Causation   ID // of the parent; zero for a published event
	// DeliveryID is the same for every attempt: what a handler with effects outside of the
	// topology is idempotent with.
	DeliveryID ID
	Type       string
	Version    int
	Organ      string
	Key        string
	Time       time.Time
	Hops       int
	Attempt    int               // 1 for the first
	Headers    map[string]string // not to be changed
}

// MetaFrom returns the envelope of the event that is being handled. It takes the handler's
// context, or one that descends from it. After the handler returned it works only for a
// context of which something was asked before: its envelope, or its Done channel, as
// every context does that is derived from it.
func MetaFrom(ctx context.Context) (Meta, bool) {
	c, ok := ctx.Value(metaKey{}).(*deliveryContext)
	if !ok {
		return Meta{}, false
	}
	s := c.cancelState()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return s.meta, s != finished
	}
	return c.readMeta(), true
}

// IsHandling reports whether the handler can still be told by its context: see [MetaFrom].
func (c *deliveryContext) IsHandling() bool { return c.state.Load() != finished }

func (c *deliveryContext) readMeta() Meta {
	d := c.delivery
	return Meta{
		ID: d.ID, Correlation: d.Correlation, Causation: d.Causation,
		DeliveryID: contract.DeriveID(d.ID, c.worker.organ.binding.Load().seed, 0),
		Type:       d.Type.Name, Version: d.Type.Version,
		Organ: c.worker.organ.name, Key: d.Key, Time: d.Time(),
		Hops: int(d.Hops), Attempt: int(d.Attempts) + 1, Headers: d.Headers,
	}
}

type metaKey struct{}

// deliveryContext is the context of one delivery. It is never reused, so a handler may
// keep it; the contexts of a batch share one allocation. What most handlers don't ask
// for, a channel and callbacks, is made when it is asked for. The delivery itself is the
// worker's, and is reused: it is read only while the handler runs.
type deliveryContext struct {
	delivery *contract.Delivery
	worker   *worker
	deadline atomic.Int64 // monotonicNanos; 0 for none
	state    atomic.Pointer[cancelState]
}

type cancelState struct {
	mu    sync.Mutex
	done  chan struct{} // nil until a caller asks for it
	err   error
	over  bool // the handler returned, and left meta behind
	meta  Meta
	after map[*func()]struct{}
}

func (c *deliveryContext) Deadline() (time.Time, bool) {
	nanos := c.deadline.Load()
	if nanos == 0 {
		return time.Time{}, false
	}
	return monotonicTime(nanos), true
}

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

func (c *deliveryContext) Value(key any) any {
	switch key.(type) {
	case metaKey, contract.HandlerKey:
		return c
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
	s.over, s.meta = true, c.readMeta()
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
