package necro

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// run is one Run or Drain of a spine.
type run struct {
	*engine.Run
	spine     *Spine
	ended     chan struct{} // closed when the run has ended, and another one may begin
	forgotten forgotten
	caughtUp  chan struct{} // closed when the ticks are stored that were due when the run began; nil without schedules
	unhook    func() bool   // from the caller's context
}

// errStopped is the reason of a run whose context ended, or which drained all there was.
var errStopped = errors.New("stopped")

// Run serves until ctx is done; then it stops fetching, lets running handlers finish within the grace period,
// settles them, hands back the other deliveries, and returns nil. It returns an error when something else ended
// it: ErrMaxSteps, *HaltedError, ErrBackendUnavailable, ErrClosed. A spine without organs waits for ctx.
//
// One Run or Drain at a time; after it returned the spine can be run again.
func (s *Spine) Run(ctx context.Context) error {
	r, err := s.startOrgans(ctx)
	if errors.Is(err, errStopped) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if len(s.organs) > 0 {
		s.logOrgans()
	}
	<-r.Fetching.Done()
	return r.awaitWorkers()
}

// logOrgans tells which organs this process runs, and under which policy: that of the organ, and those of its handlers that differ.
func (s *Spine) logOrgans() {
	s.config.log.Info("the spine has started its organs", "organs", s.organNames())
	for _, o := range s.organs {
		attrs := []any{"organ", o.Name, "policy", describePolicy(o.Policy, contract.Policy{}, false)}
		for _, r := range o.Routes() {
			if own := describePolicy(r.Policy(), o.Policy, true); own != "" {
				attrs = append(attrs, "handler."+r.Method, own)
			}
		}
		s.config.log.Info("organ runs", attrs...)
	}
}

// Drain works until one atomic look finds nothing stored, leased or scheduled for the organs of this spine, so
// it waits for retries too, and for delayed events and ticks that are due, but not for those of the future. It returns ErrPaused when the rest belongs to paused organs, ctx's error when that
// ends first, with the backend's if it failed to the last, and else what Run returns.
func (s *Spine) Drain(ctx context.Context) (Stats, error) {
	r, err := s.startOrgans(ctx)
	if errors.Is(err, errStopped) {
		err = s.engine.Calls.WithLastError(ctx.Err())
	}
	if err != nil {
		return s.Stats(), fmt.Errorf("drain: %w", err)
	}
	if r.caughtUp != nil {
		<-r.caughtUp
	}
	r.Stop(r.awaitNothingLeft(ctx))
	if err = r.awaitWorkers(); err == nil {
		err = s.engine.Calls.WithLastError(ctx.Err())
	}
	return s.Stats(), err
}

// startOrgans binds the organs and starts their workers.
func (s *Spine) startOrgans(ctx context.Context) (*run, error) {
	r := &run{Run: engine.NewRun(&s.engine, ctx), spine: s, ended: make(chan struct{})}
	s.mu.Lock()
	if s.current != nil {
		s.mu.Unlock()
		return nil, errors.New("the spine runs already: call Run or Drain once it has returned")
	}
	s.current = r
	s.mu.Unlock()
	r.unhook = context.AfterFunc(ctx, func() { r.Stop(errStopped) })
	if err := r.bindRepeatedly(); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		r.unhook()
		s.current = nil
		close(r.ended)
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Start()
	r.Keep(r.watchBackend)
	if len(s.schedules) > 0 {
		r.caughtUp = make(chan struct{})
		r.Keep(r.keepSchedules)
	}
	return r, nil
}

// bindRepeatedly binds the organs. A program must not end because its backend starts later, so a
// failure is repeated, unless nothing can mend it.
func (r *run) bindRepeatedly() error {
	for {
		err := r.spine.bindOnce(r.Fetching, true)
		if err == nil {
			r.spine.engine.Calls.NoteSuccess("subscribe", "")
		}
		if err == nil || contract.IsPermanent(err) || errors.Is(err, ErrClosed) {
			return err
		}
		if !r.NoteFailedCall(r.Fetching, "subscribe", "", errors.Unwrap(err)) {
			return cmp.Or(r.Reason(), err)
		}
	}
}

// awaitWorkers waits for the workers, and returns why the run ended.
func (r *run) awaitWorkers() error {
	s := r.spine
	giveUp := time.AfterFunc(s.config.stopLimit(), r.StopSettling) // a backend that does not answer must not hold us
	r.AwaitEnd()
	r.unhook()
	err := s.unbindOrgans(r.Settling)
	giveUp.Stop()
	r.StopSettling()
	s.engine.Calls.EndTrouble()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	close(r.ended)
	if reason := r.Reason(); reason != errStopped {
		return reason
	}
	return err
}

// admitDelivery counts a delivery that is about to run, and reports whether it may.
func (s *Spine) admitDelivery(r *engine.Run) bool {
	limit, n := s.config.maxSteps, s.steps.Add(1)
	if n >= limit {
		r.Stop(ErrMaxSteps)
	}
	return n <= limit
}

// drainPause bounds how long drain waits between two looks.
const drainPause = 20 * time.Millisecond

// awaitNothingLeft returns when nothing is left, with errStopped or why it cannot go on.
func (r *run) awaitNothingLeft(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, drainPause) {
		select {
		case <-r.Fetching.Done():
			return r.Reason()
		case <-timer.C:
		}
		h := r.spine.backend.Health(ctx)
		if h.Err == nil {
			if err := r.spine.countLeft(h); err != errBusy {
				r.forgotten.lookAtParks(r.spine.config.log, &h)
				return err
			}
		} else if errors.Is(h.Err, ErrClosed) {
			return h.Err
		}
		timer.Reset(pause)
	}
}

// errBusy says that there is work left.
var errBusy = errors.New("busy")

// runsOrgan reports whether an organ of the backend is one of this spine's, under whatever name.
func (s *Spine) runsOrgan(h contract.OrganHealth) bool {
	return slices.ContainsFunc(s.organs, func(o *engine.Organ) bool { return organState(o).IsOf(h) })
}

// countLeft looks for work in the organs of this spine.
func (s *Spine) countLeft(h contract.Health) error {
	result := errStopped
	if h.Overdue > 0 {
		return errBusy
	}
	for _, oh := range h.Organs {
		if !s.runsOrgan(oh) || oh.Ready+oh.Leased+oh.Scheduled == 0 {
			continue
		}
		if oh.Paused == "" || oh.Leased > 0 {
			return errBusy
		}
		if result == errStopped {
			result = fmt.Errorf("drain: organ %s (deliveries left: %d): %w: %s", oh.Organ, oh.Ready+oh.Scheduled, ErrPaused, oh.Paused)
		}
	}
	return result
}
