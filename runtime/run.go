package necro

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// run is one Run or Drain of a spine.
type run struct {
	spine     *Spine
	stopping  atomic.Bool  // no new deliveries
	forced    atomic.Bool  // the grace period is over
	stoppedAt atomic.Int64 // monotonicNanos

	values     context.Context // those of the caller's context; never ends
	fetching   context.Context // ends when the run is told to stop
	stopFetch  context.CancelFunc
	settling   context.Context // ends when the run gives up settling
	stopSettle context.CancelFunc

	mu      sync.Mutex
	err     error          // why the run was told to stop
	workers sync.WaitGroup // those that run handlers
	keepers sync.WaitGroup // those that look after them, until quit is closed
	quit    chan struct{}
	calls   *backendCalls
	ended   chan struct{}

	forgotten forgotten
	unhook    func() bool // from the caller's context
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
		s.config.log.Info("organs run", "organs", s.organNames())
	}
	<-r.fetching.Done()
	return r.awaitWorkers()
}

// Drain works until one atomic look finds nothing stored, leased or scheduled for the organs of this spine, so
// it waits for retries too, and for delayed events that are due, but not for those of the future. It returns ErrPaused when the rest belongs to paused organs, ctx's error when that
// ends first, with the backend's if it failed to the last, and else what Run returns.
func (s *Spine) Drain(ctx context.Context) (Stats, error) {
	r, err := s.startOrgans(ctx)
	if errors.Is(err, errStopped) {
		err = s.calls.withLastError(ctx.Err())
	}
	if err != nil {
		return s.Stats(), fmt.Errorf("drain: %w", err)
	}
	r.stopFor(r.awaitNothingLeft(ctx))
	if err = r.awaitWorkers(); err == nil {
		err = s.calls.withLastError(ctx.Err())
	}
	return s.Stats(), err
}

// startOrgans binds the organs and starts their workers.
func (s *Spine) startOrgans(ctx context.Context) (*run, error) {
	r := &run{spine: s, calls: &s.calls, quit: make(chan struct{}), ended: make(chan struct{})}
	// A handler that looks up a value, as tracing and metrics do, would allocate with WithoutCancel alone; the
	// contexts around it avoid that (measured: 16 bytes, 40 ns).
	r.values = context.WithValue(context.WithoutCancel(ctx), metaKey{}, nil)
	r.fetching, r.stopFetch = context.WithCancel(r.values)
	r.settling, r.stopSettle = context.WithCancel(r.values)
	s.mu.Lock()
	if s.current != nil {
		s.mu.Unlock()
		return nil, errors.New("the spine runs already")
	}
	s.current = r
	s.mu.Unlock()
	r.unhook = context.AfterFunc(ctx, func() { r.stopFor(errStopped) })
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
	for _, o := range s.organs {
		o.startWorkers(r)
	}
	r.noteServing()
	r.keepers.Go(r.watchBackend)
	return r, nil
}

// bindRepeatedly binds the organs. A program must not end because its backend starts later, so a
// failure is repeated, unless nothing can mend it.
func (r *run) bindRepeatedly() error {
	for {
		err := r.spine.bindOnce(r.fetching, true)
		if err == nil {
			r.calls.noteSuccess("subscribe", "")
		}
		if err == nil || contract.IsPermanent(err) || errors.Is(err, ErrClosed) {
			return err
		}
		if !r.noteFailedCall(r.fetching, "subscribe", "", errors.Unwrap(err)) {
			return cmp.Or(r.stopReason(), err)
		}
	}
}

// startWorkers starts an organ's workers and those who look after them.
func (o *organ) startWorkers(r *run) {
	o.batchSize = o.spine.firstBatch
	o.pace.nanos.Store(0)
	o.watch.asleep.Store(false)
	workers := make([]*worker, o.policy.Concurrency)
	for i := range workers {
		workers[i] = newWorker(o, r)
	}
	o.mu.Lock()
	o.workers = workers
	o.mu.Unlock()
	r.workers.Add(len(o.workers))
	for _, w := range o.workers {
		go w.workBatches()
	}
	r.keepers.Go(func() { o.watch.watchHandlers(o.workers, r.quit) })
	r.keepers.Go(func() { o.keepLeases(r, r.quit) })
}

// noteServing notes that the organs run, unless they were told to stop by now.
func (r *run) noteServing() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spine.running.Store(r.err == nil)
}

// stopFor tells the run to stop; the first reason counts.
func (r *run) stopFor(reason error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	r.err = reason
	r.stoppedAt.Store(monotonicNanos())
	r.stopping.Store(true)
	r.spine.running.Store(false)
	r.stopFetch()
	for _, o := range r.spine.organs {
		o.watch.wakeUp()
	}
}

// stopReason returns why the run was told to stop; nil while it was not.
func (r *run) stopReason() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// awaitWorkers waits for the workers, and returns why the run ended.
func (r *run) awaitWorkers() error {
	giveUp := time.AfterFunc(r.spine.config.stopLimit(), r.stopSettle) // a backend that does not answer must not hold us
	r.workers.Wait()
	for _, o := range r.spine.organs {
		o.settler.waitForAll() // while leases are renewed
	}
	close(r.quit)
	r.keepers.Wait()
	r.unhook()
	for _, o := range r.spine.organs {
		o.releaseWaiting(r, "", true)
	}
	s := r.spine
	err := s.unbindOrgans(r.settling)
	giveUp.Stop()
	r.stopSettle()
	r.calls.trouble.endAllTrouble()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	close(r.ended)
	if r.err == errStopped {
		return err
	}
	return r.err
}

// admitDelivery counts a delivery that is about to run, and reports whether it may.
func (r *run) admitDelivery() bool {
	limit := r.spine.config.maxSteps
	if limit == 0 {
		return true
	}
	n := r.spine.steps.Add(1)
	if n >= limit {
		r.stopFor(ErrMaxSteps)
	}
	return n <= limit
}

// sleepUnlessStopped waits, or until the run is told to stop.
func (r *run) sleepUnlessStopped(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.fetching.Done():
	}
}

// drainPause bounds how long drain waits between two looks.
const drainPause = 20 * time.Millisecond

// awaitNothingLeft returns when nothing is left, with errStopped or why it cannot go on.
func (r *run) awaitNothingLeft(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, drainPause) {
		select {
		case <-r.fetching.Done():
			return r.stopReason()
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
	return slices.ContainsFunc(s.organs, func(o *organ) bool { return o.stateNow().IsOf(h) })
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
