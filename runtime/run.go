package necro

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// run is one Run or Drain of a spine.
type run struct {
	spine     *Spine
	stopping  atomic.Bool  // no new deliveries
	forced    atomic.Bool  // the grace period is over
	stoppedAt atomic.Int64 // Unix nanoseconds

	fetching   context.Context // ends when the run is told to stop
	stopFetch  context.CancelFunc
	settling   context.Context // ends when the run gives up settling
	stopSettle context.CancelFunc

	mu      sync.Mutex
	err     error // why the run was told to stop
	workers sync.WaitGroup
	calls   *backendCalls
	ended   chan struct{}
}

// errStopped is the reason of a run whose context ended, or which drained all there was.
var errStopped = errors.New("stopped")

// Run serves until ctx is done; then it stops fetching, lets running handlers finish
// within the grace period, settles them, hands back what was not run, and returns nil. It
// returns an error when something else ended it: ErrMaxSteps, *HaltedError,
// ErrBackendUnavailable, ErrClosed. A spine without organs waits for ctx.
//
// One Run or Drain at a time; after it returned the spine can be run again.
func (s *Spine) Run(ctx context.Context) error {
	r, err := s.start(ctx)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	select {
	case <-ctx.Done():
		r.stop(errStopped)
	case <-r.fetching.Done():
	}
	return r.finish()
}

// Drain works until one atomic look finds nothing stored, leased or scheduled for the
// organs of this spine, so it waits for retries too. It returns ErrPaused when what is
// left belongs to paused organs, ctx's error when that ends first, and else what Run returns.
func (s *Spine) Drain(ctx context.Context) (Stats, error) {
	r, err := s.start(ctx)
	if err != nil {
		return s.Stats(), fmt.Errorf("drain: %w", err)
	}
	r.stop(r.drain(ctx))
	err = r.finish()
	return s.Stats(), err
}

// start binds the organs and starts their workers.
func (s *Spine) start(ctx context.Context) (*run, error) {
	if err := s.bind(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return nil, errors.New("the spine runs already")
	}
	r := &run{spine: s, calls: &s.calls, ended: make(chan struct{})}
	values := context.WithoutCancel(ctx)
	r.fetching, r.stopFetch = context.WithCancel(values)
	r.settling, r.stopSettle = context.WithCancel(values)
	s.current = r
	for _, o := range s.organs {
		o.start(r, values)
	}
	return r, nil
}

// start starts an organ's workers and those who look after them.
func (o *organ) start(r *run, values context.Context) {
	o.base, o.batchSize, o.fetchedAt = values, 8, time.Time{}
	o.watch.nudge = make(chan struct{}, 1)
	o.watch.asleep.Store(false)
	o.workers = make([]*worker, o.policy.Concurrency)
	for i := range o.workers {
		o.workers[i] = newWorker(o, r)
	}
	r.workers.Add(len(o.workers))
	for _, w := range o.workers {
		go w.loop()
	}
	go o.watch.run(o.workers, r.ended)
	go o.keepLeases(r, r.ended)
}

// stop tells the run to stop; the first reason counts.
func (r *run) stop(reason error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	r.err = reason
	r.stoppedAt.Store(time.Now().UnixNano())
	r.stopping.Store(true)
	r.stopFetch()
	for _, o := range r.spine.organs {
		o.watch.wake()
	}
}

// finish waits for the workers, and returns why the run ended.
func (r *run) finish() error {
	limit := r.spine.config.grace + 2*abandonDelay
	giveUp := time.AfterFunc(limit, r.stopSettle) // a backend that does not answer must not hold us
	r.workers.Wait()
	for _, o := range r.spine.organs {
		o.releaseWaiting(r, "", true)
	}
	giveUp.Stop()
	r.stopSettle()
	s := r.spine
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bound.Store(false)
	err := s.unbind()
	s.current = nil
	close(r.ended)
	if r.err == errStopped {
		return err
	}
	return r.err
}

// admit counts a delivery that is about to run, and reports whether it may.
func (r *run) admit() bool {
	limit := r.spine.config.maxSteps
	if limit == 0 {
		return true
	}
	n := r.spine.steps.Add(1)
	if n >= limit {
		r.stop(ErrMaxSteps)
	}
	return n <= limit
}

// sleep waits, or until the run is told to stop.
func (r *run) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.fetching.Done():
	}
}

// drainPause bounds how long drain waits between two looks.
const drainPause = 20 * time.Millisecond

// drain returns when nothing is left, with errStopped or why it cannot go on.
func (r *run) drain(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, drainPause) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.fetching.Done():
			return nil // it was told to stop already, with another reason
		case <-timer.C:
		}
		h := r.spine.backend.Health(ctx)
		if h.Err == nil {
			if err := r.spine.left(h); err != errBusy {
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

// left looks for work in the organs of this spine.
func (s *Spine) left(h Health) error {
	result := errStopped
	for _, oh := range h.Organs {
		if s.organ(oh.Organ) == nil || oh.Ready+oh.Leased+oh.Scheduled == 0 {
			continue
		}
		if oh.Paused == "" || oh.Leased > 0 {
			return errBusy
		}
		if result == errStopped {
			result = fmt.Errorf("drain: organ %s has %d deliveries: %w: %s", oh.Organ, oh.Ready+oh.Scheduled, ErrPaused, oh.Paused)
		}
	}
	return result
}
