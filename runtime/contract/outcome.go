package contract

import (
	"errors"
	"fmt"
	"time"
)

// Outcome is what became of one delivery. Settle applies it as one atomic step.
type Outcome struct {
	Delivery *Delivery
	Kind     OutcomeKind
	// Emit is stored with an OutcomeAck or an OutcomeDead, in order, for the organs that are bound to it.
	Emit []Message
	// State is what an OutcomeAck or an OutcomeDead does with the record of the delivery's key, which is not empty; nil in an
	// organ without state, and in every other outcome. Only a StatefulBackend takes it.
	State *StateWrite
	// Delay is how long an OutcomeRetry or an OutcomeDecline waits.
	Delay time.Duration
	// Death says why an OutcomeDead gives up, which must have one; nil otherwise.
	Death *Death
}

// Check refuses an outcome that says nothing a backend could apply. Every backend's Settle calls
// it for all outcomes of a call, before it applies the first.
func (o *Outcome) Check() error {
	if o.Delivery != nil && uint(o.Kind) < uint(OutcomeDead) && o.State == nil {
		return nil
	}
	return o.explainRefusal()
}

// explainRefusal returns why an outcome cannot be applied, and nil for one that is given up and says why, or that moves a state.
func (o *Outcome) explainRefusal() error {
	switch d := o.Delivery; {
	case d == nil:
		return errors.New("settle: an outcome has no delivery")
	case uint(o.Kind) > uint(OutcomeDead):
		return fmt.Errorf("settle %s %s: its outcome is of the unknown kind %d", d.Type.Name, d.ID, o.Kind)
	case o.Kind == OutcomeDead && o.Death == nil:
		return fmt.Errorf("settle %s %s: it is given up without a Death, which says why", d.Type.Name, d.ID)
	case o.State == nil:
		return nil
	case o.Kind != OutcomeAck && o.Kind != OutcomeDead:
		return fmt.Errorf("settle %s %s: it has a state, and the delivery comes back: only an OutcomeAck or an OutcomeDead writes a state", d.Type.Name, d.ID)
	case d.Key == "":
		return fmt.Errorf("settle %s %s: it has a state, and its event has no key to keep it under", d.Type.Name, d.ID)
	case o.State.TTL < 0:
		return fmt.Errorf("settle %s %s: the TTL of its state is %v: need more than 0, or 0 for ever", d.Type.Name, d.ID, o.State.TTL)
	}
	return nil
}

// Result says what became of an outcome.
type Result uint8

const (
	// ResultApplied: the outcome is stored.
	ResultApplied Result = iota
	// ResultLost: another consumer settled the delivery, or holds it. Nothing happened.
	ResultLost
	// ResultConflict: the record has not the mark that the outcome's StateWrite read. Nothing happened, and the delivery
	// is still leased to the caller.
	ResultConflict
)

// Results are those of the outcomes of one call, in their order. Nil says that all were applied.
type Results []Result

// At returns the result of the outcome at an index.
func (r Results) At(i int) Result {
	if r == nil {
		return ResultApplied
	}
	return r[i]
}

// IsApplied reports whether the outcome at an index was applied.
func (r Results) IsApplied(i int) bool { return r.At(i) == ResultApplied }

// OutcomeKind says what became of a delivery.
type OutcomeKind int

const (
	// OutcomeAck: the delivery is done; Emit is stored.
	OutcomeAck OutcomeKind = iota
	// OutcomeRetry: the delivery failed; it comes back after Delay with one more attempt counted.
	OutcomeRetry
	// OutcomeDecline: this program has no handler for it; it comes back after Delay, no
	// attempt is counted.
	OutcomeDecline
	// OutcomeDead: the delivery is given up and becomes a dead letter; Emit is stored.
	OutcomeDead
)

// Death says why a delivery was given up.
type Death struct {
	Reason Reason
	Error  string
	Stack  string // of a panic; empty otherwise
	// Halt pauses the organ for all processes in the same step.
	Halt bool
	// GaveUp says that the organ's give-up handler ran: what it emitted, and its state, were stored with the dead letter.
	GaveUp bool
}

// Reason says in a word why a delivery was given up.
type Reason string

const (
	ReasonExhausted   Reason = "exhausted"    // every attempt failed
	ReasonPermanent   Reason = "permanent"    // the handler returned Permanent(err)
	ReasonInvalid     Reason = "invalid"      // the event breaks its rules
	ReasonUndecodable Reason = "undecodable"  // its bytes are not its type's
	ReasonMaxHops     Reason = "maxhops"      // its chain is too long
	ReasonEmission    Reason = "emission"     // an emission is invalid, or there are too many
	ReasonCrashed     Reason = "crashed"      // its process died three times while it ran alone
	ReasonUnknownType Reason = "unknown_type" // no program took it in time
	ReasonState       Reason = "state"        // the record of its key cannot be read, or the handler left an invalid one
)

// Reasons lists all of them, so that an operator's slip in one can be told.
func Reasons() []Reason {
	return []Reason{
		ReasonExhausted, ReasonPermanent, ReasonInvalid, ReasonUndecodable, ReasonMaxHops,
		ReasonEmission, ReasonCrashed, ReasonUnknownType, ReasonState,
	}
}
