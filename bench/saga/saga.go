// Package saga does a step of work for each order, once as a saga with an undo and a timer, and once without.
package saga

import (
	"context"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Started begins a saga.
//
//necro:event key=ID
type Started struct {
	ID string `msgpack:"id" validate:"required"`
}

// DoStep asks for the step.
//
//necro:event key=ID undo=UNDO_STEP
type DoStep struct {
	ID string `msgpack:"id" validate:"required"`
}

// UndoStep takes the step back.
//
//necro:event key=ID
type UndoStep struct {
	ID string `msgpack:"id" validate:"required"`
}

// StepDone says that the step is done.
//
//necro:event key=ID
type StepDone struct {
	ID string `msgpack:"id" validate:"required"`
}

// StepFailed says that the step was given up.
//
//necro:event key=ID
type StepFailed struct {
	ID string `msgpack:"id" validate:"required"`
}

// Late says that nothing was heard of the step.
//
//necro:event
type Late struct {
	ID string `msgpack:"id" validate:"required"`
}

// Progress is what the saga keeps.
//
//necro:state saga
type Progress struct {
	Waits bool `msgpack:"waits"`
}

// Saga asks for the step, keeps its undo, and waits for an hour.
//
//necro:organ
type Saga struct{}

// Begin asks for the step.
//
//necro:handle
func (*Saga) Begin(_ context.Context, p *Progress, e *Started) (*DoStep, necro.Undo[UndoStep], necro.Timer[Late], error) {
	p.Waits = true
	return &DoStep{ID: e.ID}, necro.Undo[UndoStep]{Event: &UndoStep{ID: e.ID}}, necro.StartTimer(time.Hour, &Late{ID: e.ID}), nil
}

// Done ends the saga.
//
//necro:handle
func (*Saga) Done(context.Context, *Progress, *StepDone) (necro.End, error) { return true, nil }

// Failed turns the saga back.
//
//necro:handle
func (*Saga) Failed(context.Context, *Progress, *StepFailed) (necro.Compensate, necro.End, error) {
	return true, true, nil
}

// Late turns the saga back.
//
//necro:handle
func (*Saga) Late(context.Context, *Progress, *Late) (necro.Compensate, necro.End, error) {
	return true, true, nil
}

// Work is what the worker keeps.
//
//necro:state
type Work struct {
	Done bool `msgpack:"done"`
}

// Worker does steps.
//
//necro:organ
type Worker struct{}

// Do does the step.
//
//necro:handle
func (*Worker) Do(_ context.Context, w *Work, e *DoStep) (*StepDone, error) {
	w.Done = true
	return &StepDone{ID: e.ID}, nil
}

// Undo takes the step back.
//
//necro:handle
func (*Worker) Undo(_ context.Context, w *Work, _ *UndoStep) error {
	w.Done = false
	return nil
}

// DoFailed says that the step was given up.
//
//necro:giveup
func (*Worker) DoFailed(_ context.Context, _ *Work, e *DoStep, _ *necro.Death) (*StepFailed, error) {
	return &StepFailed{ID: e.ID}, nil
}

// PlainStarted begins the same without a saga.
//
//necro:event key=ID
type PlainStarted struct {
	ID string `msgpack:"id" validate:"required"`
}

// PlainStep asks for the step.
//
//necro:event key=ID
type PlainStep struct {
	ID string `msgpack:"id" validate:"required"`
}

// PlainDone says that the step is done.
//
//necro:event key=ID
type PlainDone struct {
	ID string `msgpack:"id" validate:"required"`
}

// PlainProgress is what Plain keeps.
//
//necro:state
type PlainProgress struct {
	Waits bool `msgpack:"waits"`
}

// Plain asks for the step, and keeps nothing but its state.
//
//necro:organ
type Plain struct{}

// Begin asks for the step.
//
//necro:handle
func (*Plain) Begin(_ context.Context, p *PlainProgress, e *PlainStarted) (*PlainStep, error) {
	p.Waits = true
	return &PlainStep{ID: e.ID}, nil
}

// Done notes the end.
//
//necro:handle
func (*Plain) Done(_ context.Context, p *PlainProgress, _ *PlainDone) error {
	p.Waits = false
	return nil
}

// PlainWork is what PlainWorker keeps.
//
//necro:state
type PlainWork struct {
	Done bool `msgpack:"done"`
}

// PlainWorker does steps.
//
//necro:organ
type PlainWorker struct{}

// Do does the step.
//
//necro:handle
func (*PlainWorker) Do(_ context.Context, w *PlainWork, e *PlainStep) (*PlainDone, error) {
	w.Done = true
	return &PlainDone{ID: e.ID}, nil
}
