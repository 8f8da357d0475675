package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
)

// Feed publishes the records of its sources, one source after the other.
type Feed struct {
	Sources []Source
	Needed  []string // columns
	// Event returns the event that a record asks for; number counts records from 1. What its
	// values must be is for the event's own rules to say.
	Event   func(r *Record, number uint64) (necro.Event, error)
	Publish func(ctx context.Context, e necro.Event) error
	Report  io.Writer // takes a line for each bad record

	Bad     int // records that were wrong
	records uint64
}

// Run publishes until the sources or ctx end.
func (f *Feed) Run(ctx context.Context) error {
	for _, s := range f.Sources {
		if err := errors.Join(f.readSource(ctx, s), s.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (f *Feed) readSource(ctx context.Context, s Source) error {
	for r := range Records(s, f.Needed) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.records++
		e, err := f.eventOf(&r)
		if err != nil {
			f.Bad++
			fmt.Fprintf(f.Report, "%s: %s\n", r.Place(s.Name), strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		if err := f.Publish(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// eventOf returns the event of a record, after it was validated.
func (f *Feed) eventOf(r *Record) (necro.Event, error) {
	if r.Err != nil {
		return nil, r.Err
	}
	e, err := f.Event(r, f.records)
	if err == nil {
		err = e.Validate()
	}
	return e, err
}
