package main

import (
	"context"
	"errors"
	"fmt"
)

// takeSlot takes a slot, unless another fault has it.
func (s *slot) takeSlot() (release func(), ok bool) { return s.mu.Unlock, s.mu.TryLock() }

// killWorker kills a process and starts another. It bit when the worker held something, by its
// own records.
func killWorker(_ context.Context, r *rig, c choice) (bit bool, err error) {
	s := c.chooseWorker(r)
	release, ok := s.takeSlot()
	if !ok {
		return false, nil
	}
	defer release()
	if s.process.hasEnded() {
		r.noteFailure(fmt.Errorf("before it was killed: %w", s.process.endFailure()))
	}
	s.process.kill()
	held, err := s.process.hands.countHeld()
	return held > 0, errors.Join(err, s.fillSlot())
}

// freezeWorker lets a worker fall silent until its leases have run out. It bit when the
// worker held something meanwhile.
func freezeWorker(ctx context.Context, r *rig, c choice) (bit bool, err error) {
	s := c.chooseWorker(r)
	release, ok := s.takeSlot()
	if !ok {
		return false, nil
	}
	defer release()
	if err := s.process.stop(); err != nil {
		return false, err
	}
	held, err := s.process.hands.countHeld()
	pauseFor(ctx, c.durationBetween(r.lease*5/4, r.lease*5/2))
	return held > 0, errors.Join(err, s.process.resume())
}
