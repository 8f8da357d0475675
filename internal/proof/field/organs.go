package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The parts that organs have in a run. A release may give an organ another name: the diaries record its part.
const (
	partWork   = "work"
	partFollow = "follow"
	partOrder  = "order"
)

var parts = []string{partWork, partFollow, partOrder}

// Worker works on jobs, several processes at a time.
//
//necro:organ field.Worker retry=1000000 backoff=10ms..200ms
type Worker struct{ *diary }

// Work emits that the job is done.
//
//necro:handle
func (o *Worker) Work(ctx context.Context, e *Job) (*Done, error) {
	by := rand.Uint64() | 1
	err := o.handleEntry(ctx, entry{Part: partWork, Source: e.Source, Key: e.Key, N: e.N})
	return &Done{Source: e.Source, Key: e.Key, N: e.N, By: by}, err
}

// Follower takes what Worker emits.
//
//necro:organ field.Follower retry=1000000 backoff=10ms..200ms concurrency=4
type Follower struct{ *diary }

// Follow writes down which call of Worker counted.
//
//necro:handle
func (o *Follower) Follow(ctx context.Context, e *Done) error {
	return o.handleEntry(ctx, entry{Part: partFollow, Source: e.Source, Key: e.Key, N: e.N, By: e.By})
}

// Orderly works on jobs in the order in which they were published for each key.
//
//necro:organ field.Orderly retry=1000000 backoff=10ms..200ms concurrency=4 order=key exclusive
type Orderly struct{ *diary }

// Keep takes the next job of a key.
//
//necro:handle
func (o *Orderly) Keep(ctx context.Context, e *Job) error {
	return o.handleEntry(ctx, entry{Part: partOrder, Source: e.Source, Key: e.Key, N: e.N})
}

var errNotNow = errors.New("not now")

// handleEntry is one call of a handler: it takes a moment, fails now and then, and writes down a success before
// anything is settled.
func (d *diary) handleEntry(ctx context.Context, e entry) error {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return errors.New("no envelope")
	}
	select {
	case <-time.After(time.Duration(rand.IntN(2000)) * time.Microsecond):
	case <-ctx.Done():
		return ctx.Err()
	}
	if rand.IntN(50) == 0 {
		return errNotNow
	}
	e.Delivery = meta.DeliveryID
	d.writeEntry(e)
	return nil
}

// release is one version of the program: the name of its organ for jobs, and the order of jobs there.
type release struct {
	Name    string // of the organ Orderly; its alias is the name before
	Alias   string
	Path    string
	Order   string // none, key or strict
	Shared  bool   // not exclusive
	Version int
}

// keepsOrder reports whether the release keeps the order of a key across processes.
func (r release) keepsOrder() bool { return r.Order != "none" && !r.Shared }

// withOrgans returns the organs of the release.
func (r release) withOrgans(d *diary) necro.Option {
	return necro.WithOrgans(&Worker{d}, &Follower{d}, released{&Orderly{d}, r})
}

// released is an organ as another release of its program would describe it.
type released struct {
	necro.Organ
	release
}

// NecroOrgan changes what the release changes.
func (o released) NecroOrgan() contract.OrganSpec {
	spec := o.Organ.NecroOrgan()
	if o.Name != "" {
		spec.Name = o.Name
	}
	if o.Alias != "" {
		spec.Aliases = append(spec.Aliases, o.Alias)
	}
	if o.Path != "" {
		spec.Path = o.Path
	}
	spec.Policy.Exclusive = !o.Shared
	switch o.Order {
	case "none":
		spec.Policy.Order = necro.OrderFirstAttempts
	case "strict":
		spec.Policy.Order, spec.Policy.Concurrency = necro.OrderStrict, 1
	default:
		spec.Policy.Order = necro.OrderKey
	}
	return spec
}
