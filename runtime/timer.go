package necro

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Timer is what a handler with state does with a timer of its event's key. The handler returns it like an event, and
// [StartTimer] and [StopTimer] make it. The zero value leaves the timer as it is.
//
//	func (f *Fulfilment) Place(ctx context.Context, o *Order, e *OrderPlaced) (*ChargeCard, necro.Timer[PaymentLate], error) {
//		return &ChargeCard{Order: e.Order}, necro.StartTimer(15*time.Minute, &PaymentLate{Order: e.Order}), nil
//	}
//
// A timer belongs to the record of its key, which has one at most for each event type. When it fires, its event goes to
// the organ that has started it and to no other one, under the key of the record. What the handler returns is stored in the
// step that stores the state: a handler that fails starts and stops nothing. A timer that was stopped or replaced does
// nothing, even if its event is in the organ's queue by then, and so does one whose record has ended.
type Timer[X any] struct {
	event         *X
	after         time.Duration
	starts, stops bool
}

// StartTimer lets an event come to the organ itself after d, in place of the timer that runs for this event type, if there
// is one. The event needs no key: its key field, if it has one, holds the key of the record, or is empty. What has come by
// then is no delay. A timer of a second or more starts again at hop 0, so one that its own event starts again is no endless
// chain. The handler fails where the event is nil or invalid.
func StartTimer[X any](d time.Duration, e *X) Timer[X] {
	return Timer[X]{event: e, after: d, starts: true}
}

// StopTimer stops the timer of an event type. One that does not run is left alone.
func StopTimer[X any]() Timer[X] { return Timer[X]{stops: true} }

// AddTo notes the change among what a handler emits, for generated code.
func (t Timer[X]) AddTo(out *contract.Emissions) {
	change := contract.TimerChange{After: t.after}
	typed, isEvent := any(t.event).(contract.Event)
	if isEvent {
		change.Type = typed.NecroEvent()
	}
	switch {
	case t.starts:
		change.Event = typed
		out.SetTimer(change)
	case t.stops:
		out.SetTimer(change)
	}
}
