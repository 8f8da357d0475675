package sqlite

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// writer runs everything that changes the file, as jobs of one goroutine on one connection. Jobs that wait at a time
// become one transaction, so that they share its commit.
//
// Invariants: a job runs in a transaction that holds the lock of the file from its first statement on, so that nothing
// it has read changes under it. A job is answered when its transaction is committed, or rolled back as a whole. A job
// of a transaction that failed together with others runs once more, alone, so that a bad one spoils no other.
type writer struct {
	b *Backend
	s *session // only the writer's goroutine

	// Only the writer's goroutine uses these.
	level   string // PRAGMA synchronous in force
	version int64  // PRAGMA data_version after the last transaction
	foreign bool   // another process has committed since then, as the last transaction saw
	turn    turn
	// contended is when another process was seen to have committed between two transactions of this one.
	contended time.Time

	mu      sync.Mutex
	jobs    []*job // waiting, oldest first
	durable int    // jobs among them whose commit must be on the disk
	closing bool
	wake    chan struct{} // has a token when jobs or closing may have changed
	done    chan struct{} // closed when the goroutine has ended
}

// job is one call's part of a transaction.
type job struct {
	// run reads and writes. An error that is not SQLite's is an answer to its caller, and run has written nothing then. run
	// may be called twice: it begins by resetting its results.
	run     func(t *transaction) error
	durable bool
	state   atomic.Int32
	err     error
	done    chan struct{} // closed when err is valid
}

// The states of a job:
//
//	waiting ----> running ----> done
//	   '--------> left: the caller has given up, and the job never runs
const (
	jobWaits int32 = iota
	jobRuns
	jobLeft
)

// A transaction takes no further jobs beyond these bounds, so that none waits for long and its memory is bounded.
const (
	mostJobs = 512
	mostRows = 8192
	mostSize = 8 << 20
)

func newWriter(b *Backend, s *session) *writer {
	return &writer{b: b, s: s, turn: turnOf(b.path), wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// submitJob runs a job and returns when its transaction is over, or earlier with the error of ctx while the job waits. A
// durable job is on the disk when submitJob returns nil; another is merely safe from a crash of the process.
func (w *writer) submitJob(ctx context.Context, durable bool, run func(t *transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{run: run, durable: durable, done: make(chan struct{})}
	w.mu.Lock()
	if w.closing {
		w.mu.Unlock()
		return contract.ErrClosed
	}
	w.jobs = append(w.jobs, j)
	if durable {
		w.durable++
	}
	w.mu.Unlock()
	w.wakeLoop()
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
	}
	if j.state.CompareAndSwap(jobWaits, jobLeft) {
		return ctx.Err()
	}
	<-j.done
	return j.err
}

func (w *writer) wakeLoop() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close ends the goroutine when all jobs that wait have run.
func (w *writer) close() {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	w.wakeLoop()
	<-w.done
}

// serveJobs runs jobs until close.
func (w *writer) serveJobs() {
	defer close(w.done)
	for {
		w.mu.Lock()
		waiting, durable, closing := len(w.jobs), w.durable > 0, w.closing
		w.mu.Unlock()
		switch {
		case waiting > 0:
			w.runTransaction(durable)
		case closing:
			return
		default:
			<-w.wake
		}
	}
}

// claimJobs takes the jobs that wait, oldest first, for a transaction that is durable or not. A job that is left is
// forgotten.
func (w *writer) claimJobs(durable bool, most int) (claimed []*job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := w.jobs[:0]
	for _, j := range w.jobs {
		if j.durable && !durable || len(claimed) == most {
			kept = append(kept, j)
			continue
		}
		if j.durable {
			w.durable--
		}
		if j.state.CompareAndSwap(jobWaits, jobRuns) {
			claimed = append(claimed, j)
		}
	}
	clear(w.jobs[len(kept):])
	w.jobs = kept
	return claimed
}

// answer ends a job.
func (j *job) answer(err error) {
	j.err = err
	close(j.done)
}

// runTransaction takes the lock of the file and runs the jobs that wait, with those that come meanwhile.
func (w *writer) runTransaction(durable bool) {
	if err := w.turn.take(w.b.patience); err != nil {
		w.answerAll(w.b.explainError(err))
		return
	}
	began := time.Now()
	w.runTogether(durable)
	w.turn.leave()
	w.giveWay(time.Since(began))
}

// answerAll ends all jobs that wait.
func (w *writer) answerAll(err error) {
	for _, j := range w.claimJobs(true, mostJobs) {
		j.answer(err)
	}
}

// giveWay leaves the lock of the file alone for a moment, when other processes are alive: they wait for it by looking now and
// then, and would never find it free while this one has much to do.
func (w *writer) giveWay(took time.Duration) {
	switch {
	case !w.b.shared.Load():
	case w.foreign || time.Since(w.contended) < time.Second:
		time.Sleep(min(max(took, leastGap), mostGap))
	default:
		time.Sleep(min(max(took/8, leastGap), mostGap))
	}
	if w.foreign {
		w.contended = time.Now()
	}
}

const (
	leastGap = 50 * time.Microsecond
	mostGap  = 5 * time.Millisecond
)

// runTogether runs the jobs that wait, with those that come meanwhile, in one transaction.
func (w *writer) runTogether(durable bool) {
	if err := w.beginTransaction(durable); err != nil {
		w.answerAll(err)
		return
	}
	t := newTransaction(w.b, w.s)
	var ran []*job
	for len(ran) < mostJobs && len(t.rows) < mostRows && t.size < mostSize && t.err == nil {
		claimed := w.claimJobs(durable, 1)
		if len(claimed) == 0 {
			break
		}
		ran = append(ran, claimed[0])
		claimed[0].err = t.runJob(claimed[0])
	}
	err := w.endTransaction(t)
	if err == nil {
		for _, j := range ran {
			j.answer(j.err)
		}
		return
	}
	for _, j := range ran {
		if len(ran) == 1 {
			j.answer(err)
			continue
		}
		j.answer(w.transactAlone(j, durable))
	}
}

// transactAlone runs a job that failed together with others.
func (w *writer) transactAlone(j *job, durable bool) error {
	if err := w.beginTransaction(durable); err != nil {
		return err
	}
	t := newTransaction(w.b, w.s)
	refused := t.runJob(j)
	if err := w.endTransaction(t); err != nil {
		return err
	}
	return refused
}

// endTransaction commits a transaction and wakes the calls that wait for its changes, or rolls it back and undoes them in
// memory.
func (w *writer) endTransaction(t *transaction) error {
	err := t.commit()
	if err != nil {
		w.s.runScript(`ROLLBACK`) // it fails when the error has rolled back already
		t.undoAll()
		return w.b.explainError(err)
	}
	t.wakeWaiters()
	return nil
}

// beginTransaction takes the lock of the file. It is busy while another process writes; the wait is ours and not SQLite's, so that
// callers may give up and Close is not held up.
func (w *writer) beginTransaction(durable bool) error {
	if err := w.setLevel(durable); err != nil {
		return w.b.explainError(err)
	}
	since := time.Now()
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, time.Millisecond) {
		_, err := w.s.exec(`BEGIN IMMEDIATE`)
		if err == nil {
			break
		}
		if !isBusy(err) || time.Since(since) > w.b.patience || w.isUnwanted() {
			return w.b.explainError(err)
		}
		time.Sleep(pause)
	}
	version, err := w.s.queryNumber(`PRAGMA data_version`)
	if err != nil {
		return w.b.explainError(errors.Join(err, w.s.runScript(`ROLLBACK`)))
	}
	if w.foreign = version != w.version; w.foreign {
		w.version = version
		w.b.known.generation++
	}
	w.b.known.waited = 0
	if waited := time.Since(since); waited > time.Second {
		w.b.known.waited = waited
	}
	return nil
}

// isUnwanted reports whether every job has been left.
func (w *writer) isUnwanted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.jobs {
		if j.state.Load() == jobWaits {
			return false
		}
	}
	return true
}

// setLevel sets how a commit is synced. A transaction that only hands out deliveries need not be on the disk: when the
// machine crashes its processes are gone as well, and the deliveries are there.
func (w *writer) setLevel(durable bool) error {
	level := `PRAGMA synchronous = NORMAL`
	if durable && !w.b.normal {
		level = `PRAGMA synchronous = FULL`
	}
	if level == w.level {
		return nil
	}
	if _, err := w.s.exec(level); err != nil {
		return err
	}
	w.level = level
	return nil
}
