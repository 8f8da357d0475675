package main

import (
	"context"
	"time"
)

// busy reports whether a process has something to lose with its connections: a worker that
// holds something. A publisher always has.
func (s *slot) busy() (bool, error) {
	release, ok := s.take()
	if !ok {
		return false, nil // it is frozen, or only just starts
	}
	defer release()
	if s.kind == "publisher" {
		return true, nil
	}
	held, err := s.process.hands.count()
	return held > 0, err
}

// cutConnections closes the connections of one process.
func cutConnections(_ context.Context, r *rig, c choice) (bool, error) {
	s := c.anybody(r)
	bit, err := s.busy()
	s.proxy.Cut()
	return bit, err
}

// delayConnections holds up one process: sometimes beyond its lease, sometimes beyond its patience. At the end
// the bytes that are under way are lost.
func delayConnections(ctx context.Context, r *rig, c choice) (bool, error) {
	s := c.anybody(r)
	bit, err := s.busy()
	s.proxy.Delay(c.between(r.lease/20, r.lease*2/3))
	pause(ctx, r.lease*2)
	s.proxy.Delay(0)
	s.proxy.Cut()
	return bit, err
}

// refuseConnections closes the connections of one process, and lets it have no new ones.
func refuseConnections(ctx context.Context, r *rig, c choice) (bool, error) {
	s := c.anybody(r)
	bit, err := s.busy()
	s.proxy.Refuse(true)
	s.proxy.Cut()
	pause(ctx, c.between(r.lease/5, r.lease*3/2))
	s.proxy.Refuse(false)
	return bit, err
}

// dropReplies lets scripts run whose callers never hear of it. It bit when a reply was lost.
func dropReplies(ctx context.Context, r *rig, c choice) (bool, error) {
	s := c.anybody(r)
	before := s.proxy.Dropped()
	s.proxy.DropReplies(1+c.who%3, "EVALSHA", "EVAL", "XREADGROUP")
	pause(ctx, c.between(100*time.Millisecond, 400*time.Millisecond))
	s.proxy.DropReplies(0)
	return s.proxy.Dropped() > before, nil
}
