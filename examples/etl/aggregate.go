package main

import (
	"context"
	"slices"
	"sync/atomic"
)

// Aggregate adds samples up. Its sums are in memory, hence exclusive: one process at a time runs it. It counts a
// range of the input once, however often it is delivered, and notes the counted ranges in a journal, so that the
// sums outlive a crash.
//
//necro:organ aggregate exclusive
type Aggregate struct {
	run     string
	all     int64 // bytes to be counted
	journal *Journal
	totals  Totals
	counted Ranges
	last    Range        // that was counted
	done    atomic.Int64 // bytes counted, for the progress bar
}

// NewAggregate returns an organ that counts a run of so many bytes. It begins with what the
// journal has of that run; nil is no journal.
func NewAggregate(run string, bytes int64, journal *Journal, entries []Entry) *Aggregate {
	a := &Aggregate{run: run, all: bytes, journal: journal}
	for i := range entries {
		a.enterEntry(&entries[i])
	}
	return a
}

// Add adds samples up. With the last of the file it emits the totals.
//
//necro:handle
func (a *Aggregate) Add(_ context.Context, e *RowsTransformed) (*TotalsReady, error) {
	if e.Run != a.run {
		return nil, nil // left over from a run that was not resumed
	}
	if !a.counted.Has(e.Range) {
		entry := &Entry{Range: e.Range, Totals: totalsOf(e.Samples, e.Rejects)}
		if err := a.journal.writeLine(entry); err != nil {
			return nil, err
		}
		a.enterEntry(entry)
	}
	if !a.isComplete() || e.Range != a.last { // a repeated event is answered as before
		return nil, nil
	}
	return a.totalsReady(), nil
}

func (a *Aggregate) enterEntry(e *Entry) {
	a.totals.addTotals(&e.Totals)
	a.counted.Add(e.Range)
	a.last = e.Range
	a.done.Store(a.counted.bytes)
}

// isComplete reports whether all of the input is counted.
func (a *Aggregate) isComplete() bool { return a.counted.bytes == a.all }

// totalsReady returns the totals as an event, which doesn't change when the organ goes on.
func (a *Aggregate) totalsReady() *TotalsReady {
	t := a.totals
	t.Groups, t.Rejects = slices.Clone(t.Groups), slices.Clone(t.Rejects)
	return &TotalsReady{Run: a.run, Totals: t}
}
