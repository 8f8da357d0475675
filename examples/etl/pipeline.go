package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// pipeline is the program's topology, ready to run.
type pipeline struct {
	run       string
	source    *source
	window    int
	backend   cli.Backend
	spine     *necro.Spine
	aggregate *Aggregate
	store     *Store
	known     Ranges       // counted by an earlier run
	ready     *TotalsReady // when that is all of them
}

// newPipeline returns the pipeline of a run, which begins with what the journal has of it.
func newPipeline(o *options, s *source, run string, backend cli.Backend, j *Journal, entries []Entry, more ...necro.Option) (*pipeline, error) {
	p := &pipeline{run: run, source: s, window: o.window, backend: backend}
	p.aggregate = NewAggregate(run, s.Size-s.body, j, entries)
	p.known.list = slices.Clone(p.aggregate.counted.list)
	if p.aggregate.isComplete() {
		p.ready = p.aggregate.totalsReady()
	}
	p.store = &Store{run: run, output: o.output}
	organs := necro.WithOrgans(&Extract{}, &Clean{}, &Transform{}, p.aggregate, p.store)
	var err error
	p.spine, err = necro.New(backend, append([]necro.Option{organs, necro.WithLogger(o.log), necro.WithLease(o.lease)}, more...)...)
	return p, err
}

// feedChunks publishes a chunk for each part of the file that isn't counted yet.
func (p *pipeline) feedChunks(ctx context.Context) error {
	if p.ready != nil { // an earlier run did not come to store it, or there is nothing to count
		return cli.Publish(ctx, p.spine, p.backend, p.ready)
	}
	for {
		r, line, err := p.source.plan.nextRange(p.source.Chunk)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: the rest is not read: %w", p.source.name, err)
		}
		if p.known.Has(r) {
			continue
		}
		if err := p.awaitRoom(ctx); err != nil {
			return err
		}
		c := &ChunkFound{Run: p.run, File: p.source.File, Range: r, Line: line, Layout: p.source.layout}
		if err := cli.Publish(ctx, p.spine, p.backend, c); err != nil {
			return err
		}
	}
}

// awaitRoom waits until so little is under way that another chunk fits into memory. A full backend would wait only
// for published events; a chunk becomes more than that.
func (p *pipeline) awaitRoom(ctx context.Context) error {
	for {
		h := p.backend.Health(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		held := 0
		for _, o := range h.Organs {
			held += o.Ready + o.Leased + o.Scheduled
		}
		if h.Err == nil && held < p.window {
			return nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// failedDeliveries returns an error about the deliveries that were given up in this run.
func (p *pipeline) failedDeliveries(ctx context.Context) error {
	var errs []error
	for _, r := range p.spine.Stats().Routes {
		if r.Dead == 0 {
			continue
		}
		letters, err := p.backend.DeadLetters(ctx, r.Organ, necro.ID{}, contract.DefaultDeadLetters)
		if err != nil || len(letters) == 0 {
			errs = append(errs, fmt.Errorf("%s gave up %d events", r.Organ, r.Dead), err)
			continue
		}
		last := letters[len(letters)-1]
		errs = append(errs, fmt.Errorf("%s gave up %d events, the last after %d attempts: %s", r.Organ, r.Dead, last.Attempts+1, last.Error))
	}
	return errors.Join(errs...)
}
