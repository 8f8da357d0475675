// Package diag holds what necrogen tells its users: a diagnostic with a literal code, a
// position, a message and a hint; the catalogue of codes; and the rendering.
package diag

import (
	"fmt"
	"go/token"
	"slices"
)

// Diagnostic is one thing that is wrong.
type Diagnostic struct {
	Code    Code // NC012: literal and never reused
	Pos     token.Position
	Message string
	Hint    string    // how to mend it; may be empty
	Related []Related // other places that belong to it
	Path    []Step    // the way to the thing that is wrong; may be empty
}

// Related is a second place: "first declared here".
type Related struct {
	Pos     token.Position
	Message string
}

// Step is a part of the way from a declaration to the thing in it that is wrong: an event, its
// field, the elements of that, a field of theirs.
//
//	{"Order", ""} {".Legs", "[]Leg"} {"[]", "Leg"} {".Price", "chan int"}
//
// Elements of slices and arrays and values of maps are "[]", keys of maps "[key]". The type of
// a step may be empty, when its name says enough.
type Step struct{ Name, Type string }

// New returns a diagnostic whose message is the code's template, filled with args.
func New(code Code, pos token.Position, args ...any) Diagnostic {
	return Diagnostic{Code: code, Pos: pos, Message: fmt.Sprintf(catalogue[code].Text, args...)}
}

// Info says that nothing is wrong: it is told to whom asks, and no command fails for it.
func (d Diagnostic) Info() bool { return d.Code == Unemitted || d.Code == ClockChanges }

// Acceptable says that a reason can be given for leaving it as it is, in necro.lock: a proof follows signatures, and may ask for
// more than what runs needs.
func (d Diagnostic) Acceptable() bool {
	return slices.Contains([]Code{SagaUnanswered, SagaUntold, SagaNoTimer, SagaNoEnd}, d.Code)
}

// WithHint returns d with a hint.
func (d Diagnostic) WithHint(format string, args ...any) Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// WithRelated returns d with one more place that belongs to it.
func (d Diagnostic) WithRelated(pos token.Position, format string, args ...any) Diagnostic {
	related := make([]Related, len(d.Related), len(d.Related)+1)
	copy(related, d.Related)
	d.Related = append(related, Related{Pos: pos, Message: fmt.Sprintf(format, args...)})
	return d
}

// WithPath returns d with more steps on the way to the thing that is wrong.
func (d Diagnostic) WithPath(steps ...Step) Diagnostic {
	d.Path = slices.Concat(d.Path, steps)
	return d
}
