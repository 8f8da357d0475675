package main

import (
	"context"
	"errors"
	"fmt"
)

// take takes a slot, unless another fault has it.
func (s *slot) take() (release func(), ok bool) { return s.mu.Unlock, s.mu.TryLock() }

// killWorker kills a process and starts another. It bit when the worker held something, by its
// own records.
func killWorker(_ context.Context, r *rig, c choice) (bit bool, err error) {
	s := c.worker(r)
	release, ok := s.take()
	if !ok {
		return false, nil
	}
	defer release()
	if s.process.gone() {
		r.note(fmt.Errorf("before it was killed: %w", s.process.failure()))
	}
	s.process.kill()
	held, err := s.process.hands.count()
	return held > 0, errors.Join(err, s.fill())
}

// freezeWorker lets a worker fall silent until its leases have run out. It bit when the
// worker held something meanwhile.
func freezeWorker(ctx context.Context, r *rig, c choice) (bit bool, err error) {
	s := c.worker(r)
	release, ok := s.take()
	if !ok {
		return false, nil
	}
	defer release()
	if err := s.process.stop(); err != nil {
		return false, err
	}
	held, err := s.process.hands.count()
	pause(ctx, c.between(r.lease*5/4, r.lease*5/2))
	return held > 0, errors.Join(err, s.process.resume())
}
