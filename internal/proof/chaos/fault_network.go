package main

import (
	"context"
	"time"
)

// isBusy reports whether a process has something to lose with its connections: a worker that
// holds something. A publisher always has.
func (s *slot) isBusy() (bool, error) {
	release, ok := s.takeSlot()
	if !ok {
		return false, nil // it is frozen, or only just starts
	}
	defer release()
	if s.kind == "publisher" {
		return true, nil
	}
	held, err := s.process.hands.countHeld()
	return held > 0, err
}

// cutConnections closes the connections of one process.
func cutConnections(_ context.Context, r *rig, c choice) (bool, error) {
	s := c.chooseProcess(r)
	bit, err := s.isBusy()
	s.proxy.Cut()
	return bit, err
}

// delayConnections holds up one process: sometimes beyond its lease, sometimes beyond its patience. At the end
// the bytes that are under way are lost.
func delayConnections(ctx context.Context, r *rig, c choice) (bool, error) {
	s := c.chooseProcess(r)
	bit, err := s.isBusy()
	s.proxy.Delay(c.durationBetween(r.lease/20, r.lease*2/3))
	pauseFor(ctx, r.lease*2)
	s.proxy.Delay(0)
	s.proxy.Cut()
	return bit, err
}

// refuseConnections closes the connections of one process, and lets it have no new ones.
func refuseConnections(ctx context.Context, r *rig, c choice) (bool, error) {
	s := c.chooseProcess(r)
	bit, err := s.isBusy()
	s.proxy.Refuse(true)
	s.proxy.Cut()
	pauseFor(ctx, c.durationBetween(r.lease/5, r.lease*3/2))
	s.proxy.Refuse(false)
	return bit, err
}

// dropReplies lets scripts run whose callers never hear of it. It bit when a reply was lost.
func dropReplies(ctx context.Context, r *rig, c choice) (bool, error) {
	s := c.chooseProcess(r)
	before := s.proxy.Dropped()
	s.proxy.DropReplies(1+c.who%3, "EVALSHA", "EVAL", "XREADGROUP")
	pauseFor(ctx, c.durationBetween(100*time.Millisecond, 400*time.Millisecond))
	s.proxy.DropReplies(0)
	return s.proxy.Dropped() > before, nil
}
