package necro

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// statePointer is what the pointer type of an annotated state implements.
type statePointer[S any] interface {
	*S
	contract.State
}

// Load returns the state that an organ keeps for a key, as the last settled step of the key left it. found is false, and
// the state a zero value, where there is no record, also as long as no process has run the organ. The caller owns the value:
// a change of it changes nothing that is stored. Any process may ask, whether it runs the organ or not. The error is that of
// the backend, or says that the backend keeps no states, or that the stored value cannot be read.
//
//	order, found, err := necro.Load[Order](ctx, spine, "A-1001")
func Load[S any, P statePointer[S]](ctx context.Context, s *Spine, key string) (state *S, found bool, err error) {
	newest := P(nil).NecroState()
	b, organ, err := s.whereKept(newest)
	if err != nil {
		return nil, false, fmt.Errorf("load %s: %w", newest.Name, err)
	}
	records, err := b.LoadStates(ctx, organ, []string{key})
	if errors.Is(err, contract.ErrNoOrgan) {
		return new(S), false, nil
	}
	if err == nil && len(records) != 1 {
		err = fmt.Errorf("the backend has %d records for a key", len(records))
	}
	if err != nil {
		return nil, false, fmt.Errorf("load %s: %w", newest.Name, err)
	}
	state, err = decodeState[S, P](newest, records[0])
	if err != nil {
		return nil, false, fmt.Errorf("load %s: %w", newest.Name, err)
	}
	return state, records[0].Mark != 0, nil
}

// rangePage is how many records Range asks for at a time.
const rangePage = 500

// errRangeEnd ends a Range whose caller has seen enough.
var errRangeEnd = errors.New("the loop has ended")

// Range returns all records of an organ's state, with their keys, in the order of the backend. Records that come or go
// meanwhile may be missed. After the last one, failed returns the error that ended the loop, as of [Load], or nil.
//
//	orders, failed := necro.Range[Order](ctx, spine)
//	for key, order := range orders {
//		fmt.Println(key, order.Paid)
//	}
//	if err := failed(); err != nil {
//		return err
//	}
func Range[S any, P statePointer[S]](ctx context.Context, s *Spine) (records iter.Seq2[string, *S], failed func() error) {
	var err error
	newest := P(nil).NecroState()
	records = func(yield func(string, *S) bool) {
		if err = rangeStates[S, P](ctx, s, newest, yield); errors.Is(err, errRangeEnd) {
			err = nil
		}
	}
	return records, func() error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("range over %s: %w", newest.Name, err)
	}
}

// rangeStates hands records to yield, page by page.
func rangeStates[S any, P statePointer[S]](ctx context.Context, s *Spine, newest *contract.StateType, yield func(string, *S) bool) error {
	b, organ, err := s.whereKept(newest)
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, next, err := b.RangeStates(ctx, organ, after, rangePage)
		if errors.Is(err, contract.ErrNoOrgan) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, keyed := range page {
			state, err := decodeState[S, P](newest, keyed.StateRecord)
			if err != nil {
				return fmt.Errorf("key %q: %w", keyed.Key, err)
			}
			if !yield(keyed.Key, state) {
				return errRangeEnd
			}
		}
		if next == "" {
			return nil
		}
		if next == after {
			return fmt.Errorf("the backend gives the page behind %q twice", after)
		}
		after = next
	}
}

// decodeState returns the value of a record.
func decodeState[S any, P statePointer[S]](newest *contract.StateType, record contract.StateRecord) (*S, error) {
	state, err := engine.DecodeState(newest, record)
	if err != nil {
		return nil, err
	}
	typed, ok := state.(P)
	if !ok {
		return nil, fmt.Errorf("the state %s is a %T: was its code generated?", newest.Name, state)
	}
	return (*S)(typed), nil
}

// errNoStates says that a backend keeps no states.
var errNoStates = errors.New("this backend keeps no states: use memory, SQLite, PostgreSQL or Redis")

// whereKept returns the backend and the organ that keep a state. A state that another package declares than its organ knows
// no organ: then it has to be one of this spine.
func (s *Spine) whereKept(t *contract.StateType) (b contract.StatefulBackend, organ string, err error) {
	switch {
	case s.closing.Err() != nil:
		return nil, "", ErrClosed
	case s.engine.States == nil:
		return nil, "", errNoStates
	case t.Organ != "":
		return s.engine.States, t.Organ, nil
	}
	for _, o := range s.organs {
		if o.Spec.State == t {
			return s.engine.States, o.Name, nil
		}
	}
	return nil, "", errors.New("nothing says which organ keeps it: declare the state in the package of its organ, or give that organ to this spine")
}

// adaptToState makes the policy one that an organ with state can run under: order by key at least, over all processes,
// because a key must not be worked on by two: see adaptToLanes.
func (s *Spine) adaptToState(spec *contract.OrganSpec, policy *contract.Policy) error {
	if spec.State == nil {
		return nil
	}
	if s.engine.States == nil {
		return fmt.Errorf("organ %s keeps the state %s: %w", spec.Name, cmp.Or(spec.State.Name, "of no name"), errNoStates)
	}
	if policy.Order == OrderFirstAttempts {
		policy.Order = OrderKey
	}
	return nil
}
