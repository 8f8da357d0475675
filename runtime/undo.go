package necro

import "github.com/necrostack/necrogen/runtime/contract"

// Undo is what takes back a command that a handler with state emits. The handler returns it beside the command, whose event
// names it: undo= of //necro:event. A nil Event is nothing.
//
//	func (f *Fulfilment) Place(ctx context.Context, o *Order, e *OrderPlaced) (*ReserveStock, necro.Undo[ReleaseStock], error) {
//		return &ReserveStock{Order: e.Order}, necro.Undo[ReleaseStock]{Event: &ReleaseStock{Order: e.Order}}, nil
//	}
//
// The undo stays in the record of the key, in the step that emits the command. A handler that returns [Compensate] emits all
// that the record keeps, the last one first. A record that ends takes its undos with it: there is nothing to take back.
//
// Command and undo have the same key, and one organ handles both in the order of their key. So it handles the undo behind the
// command, also where the command is under way when the saga turns back, and an undo of what was never done is a success.
type Undo[X any] struct {
	// Event is emitted when a handler compensates.
	Event *X
}

// AddTo notes the undo among what a handler emits, for generated code.
func (u Undo[X]) AddTo(out *contract.Emissions) {
	if u.Event != nil {
		event, _ := any(u.Event).(contract.Event)
		out.Undos = append(out.Undos, event)
	}
}

// Compensate is how a handler with state turns a saga back: it returns a value of this type anywhere before its error. True
// emits the undos that the record of the event's key keeps, the last one first, in the handler's own step, and removes them
// from the record. With [End] the record ends with it. False leaves them where they are.
type Compensate bool
