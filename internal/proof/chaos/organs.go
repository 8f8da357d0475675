package main

import (
	"context"
	"errors"
	"fmt"

	necro "github.com/necrostack/necrogen/runtime"
)

// Every organ retries for ever: a failure is to cost time and nothing else.

// Split begins both branches.
//
//necro:organ split retry=1000000 backoff=10ms..200ms timeout=1s concurrency=4
type Split struct{ *work }

// Begin emits what the root says.
//
//necro:handle
func (o *Split) Begin(ctx context.Context, e *Root) ([]Left, *Right, error) {
	by, err := o.handleStep(ctx, e, e.Lefts+1)
	if err != nil {
		return nil, nil, err
	}
	lefts := make([]Left, e.Lefts)
	for i := range lefts {
		lefts[i] = Left{Step{leftPath(e.Path, i), by}, e.Chain, e.Doomed && i == 0}
	}
	return lefts, &Right{Step{rightPath(e.Path), by}, e.Chain, e.Rights}, nil
}

// TurnLeft works on several at a time.
//
//necro:organ left retry=1000000 backoff=10ms..200ms concurrency=8
type TurnLeft struct{ *work }

// End emits the leaf.
//
//necro:handle
func (o *TurnLeft) End(ctx context.Context, e *Left) (*Leaf, error) {
	by, err := o.handleStep(ctx, e, 1)
	return &Leaf{Step{leafPath(e.Path), by}, e.Chain, e.Doomed}, err
}

// TurnRight keeps the order of a chain, retries included.
//
//necro:organ right retry=1000000 backoff=10ms..100ms concurrency=4 order=key
type TurnRight struct{ *work }

// Spread emits the events of the next hop.
//
//necro:handle
func (o *TurnRight) Spread(ctx context.Context, e *Right, emit necro.Emit[Middle]) error {
	by, err := o.handleStep(ctx, e, e.Rights)
	for i := range e.Rights {
		emit(Middle{Step{middlePath(e.Path, i), by}, e.Chain})
	}
	return err
}

// End emits the leaf.
//
//necro:handle
func (o *TurnRight) End(ctx context.Context, e *Middle) (*Leaf, error) {
	by, err := o.handleStep(ctx, e, 1)
	return &Leaf{Step{leafPath(e.Path), by}, e.Chain, false}, err
}

// Join is where the branches meet. One process at a time runs it.
//
//necro:organ join retry=1000000 backoff=10ms..100ms concurrency=8 exclusive
type Join struct{ *work }

// Arrive takes a leaf.
//
//necro:handle
func (o *Join) Arrive(ctx context.Context, e *Leaf) error {
	_, err := o.handleStep(ctx, e, 0)
	return err
}

// Tally keeps a state for each chain. Its processes share the chains by lanes.
//
//necro:organ tally retry=1000000 backoff=10ms..100ms concurrency=4 lanes=8
type Tally struct{ *work }

// Count takes a leaf.
//
//necro:handle
func (o *Tally) Count(ctx context.Context, s *Seen, e *Leaf) error {
	if s.Leaves == nil {
		s.Leaves = map[string]int{}
	}
	s.Leaves[e.Path]++
	_, err := o.handleStep(ctx, e, 0)
	return err
}

// Witness sees both ends of a chain, each in an entry of its own.
//
//necro:organ witness retry=1000000 backoff=10ms..200ms concurrency=4 pack=1
type Witness struct{ *work }

// Open takes the root.
//
//necro:handle
func (o *Witness) Open(ctx context.Context, e *Root) error {
	_, err := o.handleStep(ctx, e, 0)
	return err
}

var errDoomed = errors.New("doomed")

// Close takes a leaf.
//
//necro:handle
func (o *Witness) Close(ctx context.Context, e *Leaf) error {
	_, err := o.handleStep(ctx, e, 0)
	if err == nil && e.Doomed {
		return necro.Permanent(fmt.Errorf("%s: %w", e.Path, errDoomed))
	}
	return err
}

// withOrgans returns the option with the organs of the topology.
func withOrgans(w *work, tally necro.Organ) necro.Option {
	return necro.WithOrgans(&Split{w}, &TurnLeft{w}, &TurnRight{w}, &Join{w}, tally, &Witness{w})
}
