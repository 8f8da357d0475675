package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
)

// trial is one run of the topology in a storm, from the first event to the count.
type trial struct {
	name        string
	faults      []fault
	least, most time.Duration // between two strikes
	time        time.Duration // for which they strike
	calm        time.Duration // in which they don't any more, and publishers go on
}

// planTrials returns the storm, and a shorter run of flushes, from which only the events published after them are to
// recover.
func (o *options) planTrials() []trial {
	storm := trial{"storm", faults, 50 * time.Millisecond, 550 * time.Millisecond, o.time, 0}
	if o.sabotage != "" {
		return []trial{storm}
	}
	flush := o.time / 8
	storm.time -= flush
	return []trial{storm, {"flushes", flushes, time.Second / 2, 2 * time.Second, flush, 2 * time.Second}}
}

// result is the outcome of a trial.
type result struct {
	*ledger
	totals
	tallies  map[string]tally
	leftOver map[string]int64
	unbound  []string      // organs
	crashed  evidence      // processes that failed, or ended without being told
	recovery time.Duration // from the last fault until all was worked off
}

// warmUp is how long a load may take to build up.
const warmUp = 20 * time.Second

// runTrial lets the storm rage over a load; then it heals everything, waits until all is worked
// off, and counts.
func (t *trial) runTrial(ctx context.Context, o *options, dir, program string) (*result, error) {
	r, err := newRig(dir, program, o)
	defer r.closeAll()
	if err != nil {
		return nil, err
	}
	if err := r.awaitLoad(ctx); err != nil {
		return nil, err
	}
	s := newStorm(r, t, o.seed)
	if err := s.rageFor(ctx, t.time); err != nil {
		return nil, err
	}
	if err := r.healAll(ctx); err != nil {
		return nil, err
	}
	if err := pauseFor(ctx, t.calm); err != nil {
		return nil, err
	}
	healed := time.Now()
	r.endProcesses(r.publishers)
	if err := r.awaitQuiet(ctx); err != nil {
		return nil, err
	}
	took := time.Since(healed)
	r.endProcesses(r.slots)
	out, err := r.countAll(ctx, s.tallies)
	if err == nil {
		out.recovery = took
	}
	return out, err
}

// awaitLoad waits until something is in flight.
func (r *rig) awaitLoad(ctx context.Context) error {
	deadline := time.Now().Add(warmUp)
	for r.store.inFlight(ctx, organNames...) == 0 {
		if time.Now().After(deadline) {
			return fmt.Errorf("nothing is in flight after %s: %s", warmUp, r.slots[0].process.lastWords())
		}
		if err := pauseFor(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// The rest counts as left over when nothing has changed for so long, or not enough.
const (
	stillness = 20 * time.Second
	patience  = 3 * time.Minute
)

// awaitQuiet waits until no delivery waits, or nothing happens any more.
func (r *rig) awaitQuiet(ctx context.Context) error {
	var before map[string]int64
	begin := time.Now()
	since := begin
	for {
		left, err := r.store.leftOver(ctx)
		if err != nil || len(left) == 0 {
			return err
		}
		if !maps.Equal(left, before) {
			before, since = left, time.Now()
		}
		if time.Since(since) > stillness || time.Since(begin) > patience {
			return nil
		}
		if err := pauseFor(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// countAll reads the records and the store.
func (r *rig) countAll(ctx context.Context, tallies map[string]tally) (*result, error) {
	out := &result{tallies: tallies, crashed: r.crashed}
	b, err := redisstream.Open(r.server.URL(), redisstream.WithNamespace(namespace),
		redisstream.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if out.leftOver, err = r.store.leftOver(ctx); err != nil {
		return nil, err
	}
	if out.unbound, err = r.store.unboundOrgans(ctx, b); err != nil {
		return nil, err
	}
	dead, err := deadLetters(ctx, b)
	if err != nil {
		return nil, err
	}
	if out.ledger, err = r.readLedger(); err != nil {
		return nil, err
	}
	out.totals = out.ledger.closeChains(dead)
	seen, err := seenLeaves(ctx, b, slices.Collect(maps.Keys(out.ledger.begun)))
	if err != nil {
		return nil, err
	}
	out.ledger.checkStates(seen, dead)
	return out, nil
}

// readLedger reads what all processes recorded.
func (r *rig) readLedger() (*ledger, error) {
	var since int64
	if !r.flushed.IsZero() {
		since = r.flushed.UnixMicro()
	}
	g := newLedger(since)
	if err := r.eachLine("publisher", g.enterPublisher); err != nil {
		return nil, err
	}
	return g, r.eachLine("worker", g.enterWorker)
}

// eachLine calls f with every line that processes of a kind recorded.
func (r *rig) eachLine(kind string, f func(*line)) error {
	names, err := r.recordFiles(kind)
	for _, name := range names {
		lines, readErr := (&tail{name: name}).newLines()
		err = errors.Join(err, readErr)
		for i := range lines {
			f(&lines[i])
		}
	}
	return err
}
