package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/runtime/contract"
)

// findRoute returns the route of a delivery: by its type, or by the name and version that a
// backend read. The type is what its bytes are read as.
//
// The look by type is the usual one. The second look is for a backend that stores bytes: it names events by text, so an
// older version or a former name comes without the type that this program has for it.
func (o *Organ) findRoute(d *contract.Delivery) (*Route, *contract.EventType) {
	if r := o.byType[d.Type]; r != nil {
		return r, d.Type
	}
	t := o.readers[nameVersion{d.Type.Name, d.Type.Version}]
	if t == nil {
		return nil, nil
	}
	for _, r := range o.routes {
		if r.readsType(t) {
			return r, t
		}
	}
	return nil, nil
}

// readsType reports whether t is the route's event or an older version of it.
func (r *Route) readsType(t *contract.EventType) bool {
	for known := r.Event; known != nil; known = known.Previous {
		if known == t {
			return true
		}
	}
	return false
}

// decodeEvent returns the event as the handler takes it: read from its bytes where the backend has only those, and
// brought to the newest version. A give-up handler also takes one that breaks its own rules: they are a reason to
// give up. An upcast is code of the user and may return an invalid event: therefore each step is validated. An event
// that the backend kept as a Go value was validated when it was published, and is not read again.
func (r *Route) decodeEvent(d *contract.Delivery, t *contract.EventType) (contract.Event, *failure) {
	e := d.Event
	if e == nil || e.NecroEvent() != t {
		e = t.New()
		if f := r.readPayload(e, d); f != nil {
			return nil, f
		}
	}
	for e.NecroEvent() != r.Event {
		up := e.NecroEvent().Upcast
		if up == nil {
			return nil, permanentFailure(contract.ReasonUndecodable, fmt.Errorf("%s version %d has no upcast to a newer version: generate the code of its package again", t.Name, e.NecroEvent().Version))
		}
		next, err := up(e)
		if err == nil && !r.gaveUp {
			err = next.Validate()
		}
		if err != nil {
			return nil, permanentFailure(contract.ReasonInvalid, fmt.Errorf("upcast from version %d: %w", e.NecroEvent().Version, err))
		}
		e = next
	}
	return e, nil
}

// readPayload fills an event from the delivery's bytes, and validates it unless a give-up handler takes it.
func (r *Route) readPayload(e contract.Event, d *contract.Delivery) *failure {
	if f := decodePayload(e, d); f != nil || r.gaveUp {
		return f
	}
	if err := e.Validate(); err != nil {
		return permanentFailure(contract.ReasonInvalid, err)
	}
	return nil
}

// decodePayload fills an event from the delivery's bytes.
func decodePayload(e contract.Event, d *contract.Delivery) *failure {
	payload, err := d.Encoded()
	if err != nil {
		return permanentFailure(contract.ReasonUndecodable, fmt.Errorf("encode %s: %w", d.Type.Name, err))
	}
	rest, err := e.ReadMsgpack(payload)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow the event", len(rest))
	}
	if err != nil {
		return permanentFailure(contract.ReasonUndecodable, fmt.Errorf("decode %s: %w", d.Type.Name, err))
	}
	return nil
}

// invokeHandler decodes an event, calls its handler and adds the emissions to the box. All code of users runs in here,
// the methods of their errors included: a panic in any of it becomes a failure.
func (r *Route) invokeHandler(ctx *deliveryContext, t *contract.EventType) (f *failure) {
	defer func() {
		if v := recover(); v != nil {
			f = panicFailure(v)
		}
	}()
	if f = r.handleEvent(ctx, t); f != nil {
		f.freezeError(ctx)
	}
	return f
}

// handleEvent does what invokeHandler does; its failure still holds the error of the user's code.
func (r *Route) handleEvent(ctx *deliveryContext, t *contract.EventType) (f *failure) {
	e := ctx.delivery.Event
	if e == nil || t != r.Event || ctx.delivery.Type != t {
		if e, f = r.decodeEvent(ctx.delivery, t); f != nil {
			return f
		}
	}
	return r.callWith(ctx, e)
}

// callWith calls the handler with an event, and adds the emissions to the box. The state is opened before the call
// and closed behind it, so that an error of the handler leaves the state of its key unchanged. Emissions are put into
// envelopes last, because only a successful call has any.
func (r *Route) callWith(ctx *deliveryContext, e contract.Event) (f *failure) {
	w := ctx.worker
	if r.State {
		if f = w.openState(); f != nil {
			return f
		}
	}
	if err := r.call(ctx, e, &w.out); err != nil {
		return &failure{err: err, reason: contract.ReasonExhausted}
	}
	bound := w.organ.binding.Load()
	if r.commands {
		if err := checkUndos(&w.out); err != nil {
			return permanentFailure(contract.ReasonEmission, err)
		}
	}
	w.step.reset()
	if r.State {
		if f = w.closeState(r, ctx.delivery, bound); f != nil {
			return f
		}
	}
	if len(w.out.Events)+len(w.out.Timers)+len(w.step.undone) == 0 {
		return nil
	}
	return w.box.addMessages(w.organ, r, ctx.delivery, bound, &w.out, &w.step)
}

// outcomeOfFailure returns the outcome of a failed delivery: another attempt, or the end that the
// policy has for it.
//
// A retry is chosen for a failure that another attempt may mend, while there are attempts left. All other reasons go to the
// end at once, because trying again would only repeat them.
func (r *Route) outcomeOfFailure(d *contract.Delivery, f *failure) contract.Outcome {
	if f.err == errSpent { // the attempt before this one was the last. errors.Is would call a user's method, which may panic
		last := *d
		last.Attempts--
		d = &last
	}
	if f.reason == contract.ReasonExhausted && int(d.Attempts)+1 < r.policy.Retry {
		return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry, Delay: f.retryDelay(&r.policy, int(d.Attempts)+1)}
	}
	if r.policy.OnFail == contract.Drop {
		return contract.Outcome{Delivery: d, Kind: contract.OutcomeAck}
	}
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{
		Reason: f.reason, Error: f.err.Error(), Stack: f.stack, Halt: r.policy.OnFail == contract.Halt,
	}}
}

// describeUnknown says why the organ has no route for a type: it handles no such event, or knows only other
// versions of it.
func (o *Organ) describeUnknown(t *contract.EventType) string {
	var versions []int
	for known := range o.readers {
		if known.name == t.Name {
			versions = append(versions, known.version)
		}
	}
	if len(versions) == 0 {
		return fmt.Sprintf("no handler for %s version %d in this program", t.Name, t.Version)
	}
	slices.Sort(versions)
	return fmt.Sprintf("this program does not know version %d of %s: it knows %s", t.Version, t.Name, strings.Trim(fmt.Sprint(versions), "[]"))
}

// declineDelivery returns the outcome of a delivery that this program does not know.
func (o *Organ) declineDelivery(d *contract.Delivery) (contract.Outcome, *failure) {
	return o.declineFor(d, errors.New(o.describeUnknown(d.Type)))
}

// declineFor returns the outcome of a delivery that this program does not know, for a reason that is told when it has
// waited long enough. It is declined until DeclineLimit is over, because a rolling release has programs of two
// versions: a newer one may take it. Then it is given up, so that it does not go round for ever.
func (o *Organ) declineFor(d *contract.Delivery, err error) (contract.Outcome, *failure) {
	if d.Declines != 0 && declinedFor(d.Declines) >= o.engine.DeclineLimit {
		f := permanentFailure(contract.ReasonUnknownType, err)
		return o.unrouted.outcomeOfFailure(d, f), f
	}
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDecline, Delay: declineDelay(d.Declines)}, nil
}
