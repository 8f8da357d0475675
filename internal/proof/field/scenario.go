package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
)

// scenario is one kind of trouble that the field has, and the laboratory has not.
type scenario struct {
	name     string
	servers  func(*ground)                                            // starts them
	releases []release                                                // of the program; the first one runs at the beginning
	strike   func(*ground, int) error                                 // does the n-th thing that goes wrong; nil for nothing
	left     func(context.Context, *redisstream.Backend) (int, error) // counts deliveries that are left; nil for all
	heal     func(*ground) error                                      // ends what strikes left behind; nil for nothing
	every    time.Duration                                            // between two strikes, on average
	outage   time.Duration                                            // for how long a strike keeps everybody from working
	pad      int                                                      // bytes that make jobs large
	pace     time.Duration                                            // between two jobs of a source, on average
	calm     bool                                                     // no worker is killed
	mayLose  bool                                                     // acknowledged writes may be gone: asynchronous replication
}

// keepsOrder reports whether all releases keep the order of a key across processes.
func (s *scenario) keepsOrder() bool {
	for _, r := range s.releases {
		if !r.keepsOrder() {
			return false
		}
	}
	return !s.mayLose
}

// runScenario lets the scenario take its time; then it heals everything, waits until all is worked off, and counts.
func (s *scenario) runScenario(ctx context.Context, o *options, dir, program string) (v *verdict, err error) {
	v = &verdict{scenario: s.name}
	g, err := newGround(s, program, filepath.Join(dir, s.name), o.lease, rand.New(rand.NewPCG(o.seed, uint64(len(s.name)))))
	defer func() {
		if closed := g.closeAll(); err == nil {
			err = closed
		}
	}()
	if err != nil {
		return v, err
	}
	publishing, stop := context.WithCancel(ctx)
	defer stop()
	wait, err := g.startSources(publishing)
	if err != nil {
		return v, err
	}
	if err := g.strikeFor(ctx, v, o.time); err != nil {
		return v, err
	}
	stop()
	if err := wait(); err != nil {
		v.noteFinding("the publishers' backend does not close: %v", err)
	}
	if v.left, err = g.awaitQuiet(ctx); err != nil {
		return v, err
	}
	g.endWorkers()
	all, err := readDiaries(g.dir)
	if err != nil {
		return v, err
	}
	v.judgeCounts(g, all, o)
	return v, nil
}

// strikeFor lets strikes happen for a time, and heals.
func (g *ground) strikeFor(ctx context.Context, v *verdict, d time.Duration) error {
	s := g.scenario
	for end := time.Now().Add(d); time.Now().Before(end) && ctx.Err() == nil; v.strikes++ {
		wait := s.every/2 + time.Duration(g.rng.Int64N(int64(s.every)))
		select {
		case <-time.After(min(wait, time.Until(end))):
		case <-ctx.Done():
			return ctx.Err()
		}
		if s.strike != nil {
			if err := catchError(func() error { return s.strike(g, v.strikes) }); err != nil {
				return err
			}
		}
		if !s.calm && v.strikes%3 == 2 && g.mayKill() {
			if err := g.killSome(); err != nil {
				return err
			}
		}
	}
	if s.heal == nil {
		return ctx.Err()
	}
	return catchError(func() error { return s.heal(g) })
}

// catchError is catch for what also returns errors.
func catchError(f func() error) (err error) {
	if broken := catchFailure(func() { err = f() }); broken != nil {
		return broken
	}
	return err
}

// judgeCounts turns counts into findings.
func (v *verdict) judgeCounts(g *ground, all []entry, o *options) {
	s := g.scenario
	v.countEntries(all, s.keepsOrder())
	if s.mayLose {
		v.wrong = nil
	}
	for _, failure := range g.failures {
		v.noteFinding("%s", failure)
	}
	if v.left > 0 {
		v.noteFinding("left over: %d deliveries", v.left)
	}
	v.allowed = o.lease*3/2 + s.outage
	if v.pause > time.Duration(o.slack)*v.allowed {
		v.noteFinding("no progress for %s, allowed is %d × %s", v.pause, o.slack, v.allowed)
	}
	if v.published == 0 {
		v.noteFinding("nothing was published")
	}
}
