package necro

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// maxCrashes is how often a delivery may take its process down while it runs alone.
const maxCrashes = 3

// failure is why a delivery did not succeed.
type failure struct {
	err    error
	reason Reason // what the dead letter says; ReasonExhausted while attempts are left
	stack  string // of a panic
}

func permanentFailure(reason Reason, err error) *failure { return &failure{err: err, reason: reason} }

// errAbandoned is the failure of a handler that ignored its cancelled context.
var errAbandoned = errors.New("handler ignored its cancelled context past timeout and grace, and was abandoned")

// errGoexit is the failure of a handler that ended its goroutine.
var errGoexit = errors.New("handler called runtime.Goexit (a test's FailNow does)")

// errCrashed is the failure of a delivery that must not run any more.
var errCrashed = fmt.Errorf("the process died %d times while this delivery ran alone", maxCrashes)

func hopsError(d *Delivery, r *route) error {
	return fmt.Errorf("hop %d is beyond maxhops=%d: does the chain run in a circle?", d.Hops, r.policy.MaxHops)
}

// panicError is the failure of a handler that panicked.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// Unwrap returns what was panicked with, when it is an error.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// find returns the route of a delivery: by its type, or by the name and version that a
// backend read. The type is what its bytes are read as.
func (o *organ) find(d *Delivery) (*route, *EventType) {
	if r := o.byType[d.Type]; r != nil {
		return r, d.Type
	}
	t := o.readers[nameVersion{d.Type.Name, d.Type.Version}]
	if t == nil {
		return nil, nil
	}
	for _, r := range o.routes {
		if r.reads(t) {
			return r, t
		}
	}
	return nil, nil
}

// reads reports whether t is the route's event or an older version of it.
func (r *route) reads(t *EventType) bool {
	for known := r.Event; known != nil; known = known.Previous {
		if known == t {
			return true
		}
	}
	return false
}

// decode returns the event as the handler takes it: read from its bytes where the backend
// has only those, and brought to the newest version.
func (r *route) decode(d *Delivery, t *EventType) (Event, *failure) {
	e := d.Event
	if e == nil || e.NecroEvent() != t {
		e = t.New()
		if f := read(e, d); f != nil {
			return nil, f
		}
	}
	for e.NecroEvent() != r.Event {
		up := e.NecroEvent().Upcast
		if up == nil {
			return nil, permanentFailure(ReasonUndecodable, fmt.Errorf("%s version %d has no upcast", t.Name, e.NecroEvent().Version))
		}
		next, err := up(e)
		if err == nil {
			err = next.Validate()
		}
		if err != nil {
			return nil, permanentFailure(ReasonInvalid, fmt.Errorf("upcast from version %d: %w", e.NecroEvent().Version, err))
		}
		e = next
	}
	return e, nil
}

// read fills an event from the delivery's bytes.
func read(e Event, d *Delivery) *failure {
	payload, err := d.Encoded()
	if err != nil {
		return permanentFailure(ReasonUndecodable, fmt.Errorf("encode %s: %w", d.Type.Name, err))
	}
	rest, err := e.ReadMsgpack(payload)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow the event", len(rest))
	}
	if err != nil {
		return permanentFailure(ReasonUndecodable, fmt.Errorf("decode %s: %w", d.Type.Name, err))
	}
	if err := e.Validate(); err != nil {
		return permanentFailure(ReasonInvalid, err)
	}
	return nil
}

// invoke decodes an event, calls its handler and adds what it emitted to the box. A panic
// in any of that becomes a failure.
func (r *route) invoke(ctx *deliveryContext, t *EventType) (f *failure) {
	defer func() {
		if v := recover(); v != nil {
			stack := string(debug.Stack())
			f = &failure{err: &panicError{v, stack}, reason: ReasonExhausted, stack: stack}
		}
	}()
	e := ctx.delivery.Event
	if e == nil || t != r.Event || ctx.delivery.Type != t {
		if e, f = r.decode(ctx.delivery, t); f != nil {
			return f
		}
	}
	w := ctx.worker
	if err := r.call(ctx, e, &w.out); err != nil {
		return failed(ctx, err)
	}
	if len(w.out.events) == 0 {
		return nil
	}
	return w.box.add(r, ctx.delivery, &w.out, w.organ.spine)
}

// failed turns a handler's error into a failure.
func failed(ctx context.Context, err error) *failure {
	if errors.As(err, new(*permanentError)) {
		return permanentFailure(ReasonPermanent, err)
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (%w)", err, cause)
	}
	return &failure{err: err, reason: ReasonExhausted}
}

// give returns the outcome of a failed delivery: another attempt, or the end that the
// policy has for it.
func (r *route) give(d *Delivery, f *failure) Outcome {
	if f.reason == ReasonExhausted && int(d.Attempts)+1 < r.policy.Retry {
		return Outcome{Delivery: d, Kind: OutcomeRetry, Delay: retryDelay(&r.policy, int(d.Attempts)+1, f.err)}
	}
	if r.policy.OnFail == Drop {
		return Outcome{Delivery: d, Kind: OutcomeAck}
	}
	return Outcome{Delivery: d, Kind: OutcomeDead, Death: &Death{
		Reason: f.reason, Error: f.err.Error(), Stack: f.stack, Halt: r.policy.OnFail == Halt,
	}}
}

// decline returns the outcome of a delivery that this program does not know.
func (o *organ) decline(d *Delivery) (Outcome, *failure) {
	err := fmt.Errorf("no handler for %s version %d in this program", d.Type.Name, d.Type.Version)
	if d.Declined != 0 && time.Since(time.Unix(0, d.Declined)) >= o.spine.config.declines {
		f := permanentFailure(ReasonUnknownType, err)
		return o.unrouted.give(d, f), f
	}
	return Outcome{Delivery: d, Kind: OutcomeDecline, Delay: declineDelay(d.Declines)}, nil
}
