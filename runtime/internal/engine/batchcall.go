package engine

import (
	"context"
	"errors"
	"log/slog"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A batch handler is called with several deliveries that are next to each other in the worker's batch. The worker stays at the
// position of the first one while the handler runs, and then notes the outcome of each at its own position. Who joins:
//
//   - first attempts alone, so a delivery that failed runs alone from then on
//   - no suspects, which run alone to show what they are
//   - with contract.OrderKey one delivery of a key, and with contract.OrderStrict one in all
//
// A call that fails as a whole spends no attempt: its deliveries run one by one. So do those of a handler that panics or ends its
// goroutine. A handler that hangs until it is abandoned has spent an attempt of each.
//
// Layers of middleware lie around each delivery, and those of the deliveries lie inside each other, because a layer returns
// behind its delivery's handler:
//
//	layers of 0 ( layers of 1 ( layers of 2 ( handler [0 1 2] ) ) )

// batchCall is one call of a batch handler with several deliveries. It belongs to the worker's goroutine.
type batchCall struct {
	route    *Route
	end      int // index in the worker's batch behind the last of the deliveries
	elements []element
	taken    []*element      // what the handler is called with, by position
	ctx      context.Context // of the first of them, as its layers have left it

	failed contract.Failed // of single events, by position
	whole  error           // of the call as such
}

// element is a delivery of a batchCall.
type element struct {
	call     *batchCall
	index    int // in batchCall.elements
	context  *deliveryContext
	event    contract.Event // as the layers have passed it on
	out      contract.Emissions
	emit     []contract.Message // of out, in the worker's box
	entered  bool               // all of its layers have called the next one
	position int                // in batchCall.taken, once it is entered
	failure  *failure
	err      error // what its outermost layer returned
}

// mayJoin reports whether a delivery may be handled together with others.
func (o *Organ) mayJoin(r *Route, d *contract.Delivery) bool {
	return r.HandleBatch != nil && r.policy.BatchCount > 1 && d.Attempts == 0 && !d.Suspect && o.orderInEffect() != contract.OrderStrict &&
		r.refuseDelivery(d) == nil
}

// claimTogether returns the index behind the deliveries that are handled together with the one at index i, which is admitted. It
// admits the others.
func (w *worker) claimTogether(i int, r *Route) (end int) {
	ds := w.batch.Deliveries()
	if i < w.alone || !w.organ.mayJoin(r, &ds[i]) {
		return i + 1
	}
	end = i + 1
	for end < min(len(ds), i+r.policy.BatchCount) && w.joins(ds[i:end], r, &ds[end]) {
		end++
	}
	if end = w.batch.Claim(i, end); end <= i+1 {
		return i + 1
	}
	for n := i + 1; n < end; n++ {
		if !w.organ.spendToken(w.run, len(ds)-n) || !w.run.admitDelivery() {
			return w.batch.Claim(i, n)
		}
	}
	return end
}

// joins reports whether a delivery is handled together with those in front of it.
func (w *worker) joins(before []contract.Delivery, r *Route, d *contract.Delivery) bool {
	if d.Type != before[0].Type || w.keys[d.Key] || !w.organ.mayJoin(r, d) {
		return false
	}
	if w.organ.orderInEffect() != contract.OrderKey || d.Key == "" {
		return true
	}
	for i := range before {
		if before[i].Key == d.Key {
			return false
		}
	}
	return true
}

// runTogether calls a batch handler with the deliveries from index i to end, and notes their outcomes.
func (w *worker) runTogether(i, end int, r *Route, t *contract.EventType) step {
	w.call = w.newBatchCall(i, end, r)
	call := w.call
	if whole := call.invokeHandler(w, t); whole != nil {
		w.organ.logTogether(call, whole)
		return w.splitCall(i)
	}
	return w.noteTogether(i, call, w.finishCall() && w.run.forced.Load())
}

// splitCall lets the deliveries of a call that failed as a whole run one by one, from index i on.
func (w *worker) splitCall(i int) step {
	end := w.call.end
	if w.finishCall() && w.run.forced.Load() {
		return w.giveBack(i)
	}
	if !w.batch.Owns(i) {
		return taken
	}
	w.batch.Split()
	w.alone, w.next = end, i
	return goOn
}

// newBatchCall prepares the call and the contexts of its deliveries.
func (w *worker) newBatchCall(i, end int, r *Route) *batchCall {
	call := &batchCall{route: r, end: end, elements: make([]element, end-i)}
	deadline := int64(0)
	if r.policy.Timeout > 0 {
		deadline = monotonicNanos() + int64(r.policy.Timeout)
	}
	for n := range call.elements {
		c := w.batch.Context(i + n)
		c.delivery, c.worker, c.element = &w.batch.Deliveries()[i+n], w, &call.elements[n]
		c.deadline.Store(deadline)
		call.elements[n] = element{call: call, index: n, context: c}
	}
	return call
}

// finishCall ends the contexts of the call, and reports whether one of them had ended before.
func (w *worker) finishCall() (ended bool) {
	for n := range w.call.elements {
		c := w.call.elements[n].context
		ended = c.finishHandler() || ended
		c.deadline.Store(0) // the outcome is noted next, and is not late
	}
	w.call = nil
	return ended
}

// noteTogether notes the outcomes of a call, each at its position. The first one that ends the batch does so behind all of them,
// because they have run. With forced the shutdown ended the handler: those that failed go back, and spend no attempt.
func (w *worker) noteTogether(i int, call *batchCall, forced bool) (last step) {
	for n := range call.elements {
		w.next = i + n + 1
		switch s := w.noteElement(i+n, call.route, &call.elements[n], forced); s {
		case undone, taken:
			return s
		case cut:
			last = cut
		}
	}
	return last
}

// noteElement notes the outcome of one delivery of a call.
func (w *worker) noteElement(i int, r *Route, el *element, forced bool) step {
	d := &w.batch.Deliveries()[i]
	switch {
	case el.failure != nil && forced:
		return w.noteResult(i, contract.Outcome{Delivery: d}, result{passed: true})
	case el.failure != nil:
		return w.noteFailure(i, r, el.failure)
	}
	return w.noteResult(i, contract.Outcome{Delivery: d, Emit: el.emit}, result{route: r})
}

// boxElement adds what was emitted for one delivery to the box. The events are code of users: a panic in them is a failure.
func (w *worker) boxElement(r *Route, el *element) (f *failure) {
	defer func() {
		if v := recover(); v != nil {
			f = panicFailure(v)
		}
		if f != nil {
			f.freezeError(el.context)
		}
	}()
	if el.err != nil {
		return &failure{err: el.err, reason: contract.ReasonExhausted}
	}
	if len(el.out.Events) == 0 {
		return nil
	}
	w.step.reset()
	start := len(w.box.msgs)
	if f = w.box.addMessages(w.organ, r, el.context.delivery, w.organ.binding.Load(), &el.out, &w.step); f == nil {
		el.emit = w.box.msgs[start:]
	}
	return f
}

// invokeHandler decodes the events, calls the handler with them, and adds what each emits to the worker's box. whole is the
// failure of the call as such.
func (b *batchCall) invokeHandler(w *worker, t *contract.EventType) (whole *failure) {
	for n := range b.elements {
		b.elements[n].decodeEvent(t)
	}
	first := b.elements[0].context
	defer func() {
		if v := recover(); v != nil {
			whole = panicFailure(v)
		}
		if whole != nil {
			whole.freezeError(first)
		}
	}()
	if b.enterFrom(0); b.whole != nil {
		return &failure{err: b.whole, reason: contract.ReasonExhausted}
	}
	for n := range b.elements {
		if el := &b.elements[n]; el.failure == nil {
			el.failure = w.boxElement(b.route, el)
		}
	}
	return nil
}

// decodeEvent reads the event of an element. One that cannot be read fails alone.
func (el *element) decodeEvent(t *contract.EventType) {
	defer func() {
		if v := recover(); v != nil {
			el.failure = panicFailure(v)
		}
		if el.failure != nil {
			el.failure.freezeError(el.context)
		}
	}()
	el.event, el.failure = el.call.route.decodeEvent(el.context.delivery, t)
}

// enterFrom enters the layers of the elements from index n on, and calls the handler in the innermost one. An element whose
// layers do not call the next one is left out.
func (b *batchCall) enterFrom(n int) {
	for ; n < len(b.elements); n++ {
		el := &b.elements[n]
		if el.failure != nil {
			continue
		}
		el.err = b.route.call(el.context, el.event, &el.out)
		if el.entered { // those behind it have been entered in its innermost layer
			return
		}
	}
	b.callHandler()
}

// errCalledTwice is the error of a layer that handles an event twice.
var errCalledTwice = errors.New("middleware called the handler of a batch twice for one event: return the error, and the event is handled again alone")

// enter is the innermost layer of an element.
func (el *element) enter(ctx context.Context, e contract.Event) error {
	b := el.call
	if el.entered {
		return errCalledTwice
	}
	el.entered, el.event, el.position = true, e, len(b.taken)
	b.taken = append(b.taken, el)
	if b.ctx == nil {
		b.ctx = ctx
	}
	b.enterFrom(el.index + 1)
	if b.whole != nil {
		return b.whole
	}
	return b.failed[el.position]
}

// callHandler calls the handler with the elements that were entered.
func (b *batchCall) callHandler() {
	if len(b.taken) == 0 {
		return
	}
	events := make([]contract.Event, len(b.taken))
	contexts := make([]*deliveryContext, len(b.taken))
	results := contract.BatchResults{Elements: make([]*contract.Emissions, len(b.taken))}
	for i, el := range b.taken {
		events[i], contexts[i], results.Elements[i] = el.event, el.context, &el.out
	}
	err := b.route.HandleBatch(&batchContext{b.ctx, contexts}, events, &results)
	b.failed, b.whole = results.Split(err)
}

// CallOfElement returns the call of a batch handler for one of its events: with that event alone, or as the innermost layer of it
// in the call that it belongs to.
func CallOfElement(handle contract.BatchCall) contract.HandlerCall {
	return func(ctx context.Context, e contract.Event, out *contract.Emissions) error {
		c, ok := ctx.Value(contextKey{}).(*deliveryContext)
		if !ok {
			return errors.New("the context of a batch handler's event is none of a delivery")
		}
		if c.element != nil {
			return c.element.enter(ctx, e)
		}
		results := contract.BatchResults{Elements: []*contract.Emissions{out}}
		failed, whole := results.Split(handle(&batchContext{ctx, []*deliveryContext{c}}, []contract.Event{e}, &results))
		if whole != nil {
			return whole
		}
		return failed[0]
	}
}

// batchContext is the context of a batch handler: that of its first event, but without an envelope of its own.
type batchContext struct {
	context.Context
	elements []*deliveryContext // of its events, by position
}

// Value finds the context itself under the key of this package, so that the handler does not take the first event's
// envelope for that of all.
func (b *batchContext) Value(key any) any {
	if _, own := key.(contextKey); own {
		return b
	}
	return b.Context.Value(key)
}

// setEmitHeader sets a header of everything that the call emits.
func (b *batchContext) setEmitHeader(key, value string) (set bool) {
	for _, c := range b.elements {
		set = c.setEmitHeader(key, value)
	}
	return set
}

// EnvelopesFrom returns the envelopes of the events that a handler was called with, by their positions. It takes the contexts that
// EnvelopeFrom takes, and those of batch handlers.
func EnvelopesFrom(ctx context.Context) (list []Envelope, ok bool) {
	switch c := ctx.Value(contextKey{}).(type) {
	case *deliveryContext:
		envelope, ok := c.envelope()
		return []Envelope{envelope}, ok
	case *batchContext:
		for _, element := range c.elements {
			envelope, ok := element.envelope()
			if !ok {
				return nil, false
			}
			list = append(list, envelope)
		}
		return list, true
	}
	return nil, false
}

// logTogether says that a call has failed, and that its deliveries run one by one.
func (o *Organ) logTogether(b *batchCall, whole *failure) {
	o.engine.Log.LogAttrs(context.Background(), slog.LevelWarn, "batch failed, its events are handled one by one",
		slog.String("organ", o.Name), slog.String("handler", b.route.Method), slog.Int("events", len(b.elements)), slog.Any("error", whole.err))
}
