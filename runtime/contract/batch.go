package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// BatchCall calls a handler of an organ with several events of its route, and hands its results to out.
type BatchCall func(ctx context.Context, es []Event, out *BatchResults) error

// BatchResults collects what one call of a batch handler returns, by the positions of its events. Generated code fills it,
// and the engine reads it when the handler has returned: only one of them has it at a time.
type BatchResults struct {
	// Elements are what is emitted for each event.
	Elements []*Emissions
	wrong    error // the results cannot be told apart
}

// Expect takes the length of a list of results. One that has neither an element for each event nor none at all fails the
// call, because it does not say which result is whose.
func (r *BatchResults) Expect(n int) {
	if n != 0 && n != len(r.Elements) {
		r.wrong = fmt.Errorf("the batch handler returned %d results for %d events: return one for each event, by position, and nil for one that emits nothing", n, len(r.Elements))
	}
}

// Add emits an event as a child of the event at a position. One behind the events is left out: Expect reports it.
func (r *BatchResults) Add(position int, e Event) {
	if position < len(r.Elements) {
		r.Elements[position].Add(e)
	}
}

// Split parts the error of a call: failed are those of single events, and whole is the error of the call as such, with which
// no event has succeeded.
func (r *BatchResults) Split(err error) (failed Failed, whole error) {
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	for position := range failed {
		if position < 0 || position >= len(r.Elements) {
			return nil, fmt.Errorf("the batch handler failed the event at position %d of %d: positions count from 0: %w", position, len(r.Elements), err)
		}
	}
	return failed, r.wrong
}

// EventsOf returns events as a batch handler takes them.
func EventsOf[E Event](es []Event) []E {
	list := make([]E, len(es))
	for i, e := range es {
		list[i] = e.(E)
	}
	return list
}

// Failed is the error of a batch handler that failed for some of its events: the error of each, by its position. The others
// have succeeded, and so has one whose error is nil.
type Failed map[int]error

// Error lists the first few errors.
func (f Failed) Error() string {
	const most = 3
	var texts []string
	for _, position := range slices.Sorted(maps.Keys(f)) {
		if len(texts) == most {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, fmt.Sprintf("%d: %v", position, f[position]))
	}
	return fmt.Sprintf("%d events of the batch failed: %s", len(f), strings.Join(texts, "; "))
}
