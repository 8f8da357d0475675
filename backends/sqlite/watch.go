package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// How often the watcher looks whether another process has committed: often while others are at work, seldom otherwise.
const (
	watchOften  = 4 * time.Millisecond
	watchSeldom = 25 * time.Millisecond
	watchIdle   = 100 * time.Millisecond // while no call of this process waits
	// watchEager is for how long after a commit of another process the watcher looks often.
	watchEager = 200 * time.Millisecond
)

// watcher wakes the calls that wait in this process: for a commit of another process, and when something is due. It says
// that this process is alive, and sweeps up behind those that are not. Its goroutine alone uses the session until stop.
type watcher struct {
	b        *Backend
	session  *session
	version  int64           // PRAGMA data_version at the last look
	changed  time.Time       // when another process had committed
	beaten   time.Time       // when this process said last that it is alive
	failing  bool            // the last look failed, and was logged
	bindings int64           // number of the bindings at the last look
	sweeping bool            // there may be states whose time is over
	firstDue int64           // when the first delayed event is due, as the last look at a changed file saw; never for none
	ctx      context.Context // of the writes; ends with the backend
	ended    sync.WaitGroup
	idle     atomic.Bool   // no call waited at the last look
	nudge    chan struct{} // has a token when a call waits since then
}

func newWatcher(b *Backend, s *session) *watcher {
	return &watcher{b: b, session: s, firstDue: never, nudge: make(chan struct{}, 1)}
}

// noteWaiting has the watcher look soon, when it looks seldom because no call waited.
func (w *watcher) noteWaiting() {
	if w.idle.Load() {
		select {
		case w.nudge <- struct{}{}:
		default:
		}
	}
}

func (w *watcher) start() { w.ended.Go(w.watchFile) }

// stop ends the goroutine. The backend's closing is closed by then.
func (w *watcher) stop() { w.ended.Wait() }

func (w *watcher) watchFile() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.ctx = ctx
	go func() {
		<-w.b.closing
		cancel()
	}()
	w.beaten = time.Now()
	timer := time.NewTimer(watchSeldom)
	defer timer.Stop()
	for {
		select {
		case <-w.b.closing:
			return
		case <-w.nudge:
		case <-timer.C:
		}
		err := w.lookOnce()
		if err == nil {
			err = w.routeDue()
		}
		if now := time.Now(); err == nil && now.Sub(w.beaten) > processLife/3 {
			w.beaten, w.sweeping = now, true
			err = w.b.submitJob(ctx, false, w.b.renewProcess)
		}
		if err == nil && w.sweeping {
			err = w.sweepStates()
		}
		w.reportFailure(err)
		timer.Reset(w.nextPause())
	}
}

// reportFailure logs when looks begin to fail and when they end.
func (w *watcher) reportFailure(err error) {
	if failed := err != nil; failed != w.failing && !errors.Is(err, contract.ErrClosed) && !errors.Is(err, context.Canceled) {
		w.failing = failed
		if failed {
			w.b.log.Warn("sqlite: the file cannot be watched: calls that wait may find events late, until it can be read", slog.String("file", w.b.path), slog.Any("error", err))
		} else {
			w.b.log.Info("sqlite: the file is watched again", slog.String("file", w.b.path))
		}
	}
}

// nextPause returns how long the watcher may sleep.
func (w *watcher) nextPause() time.Duration {
	pause, waiting := watchSeldom, w.b.room.Any()
	if time.Since(w.changed) < watchEager {
		pause = watchOften
	}
	if w.sweeping {
		pause = watchOften
	}
	next := w.firstDue
	for _, o := range w.watchedOrgans() {
		waiting = waiting || o.waiting.Any()
		next = min(next, o.next.Load())
	}
	if w.idle.Store(!waiting); !waiting && !w.sweeping {
		pause, next = watchIdle, w.firstDue
	}
	if next != never {
		pause = min(pause, max(time.Duration(next-time.Now().UnixNano()), watchOften))
	}
	return pause
}

// watchedOrgans returns the organs of this process's consumers.
func (w *watcher) watchedOrgans() (organs []*organ) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	for c := range w.b.consumers {
		organs = append(organs, c.organ)
	}
	return organs
}

// lookOnce wakes calls that may find something.
func (w *watcher) lookOnce() error {
	version, err := w.session.queryNumber(`PRAGMA data_version`)
	if err != nil {
		return w.b.explainError(err)
	}
	organs := w.watchedOrgans()
	if version != w.version {
		w.version, w.changed = version, time.Now()
		w.b.room.WakeAll()
		if err := w.lookAtOrgans(organs); err != nil {
			return w.b.explainError(err)
		}
	}
	now := time.Now().UnixNano()
	for _, o := range organs {
		if o.next.Load() <= now {
			o.next.Store(never) // until the look, which a commit tells of
			o.waiting.WakeAll()
		}
	}
	return nil
}

// routeDue routes the delayed events that are due, or some of them when they are very many: the next look is soon then.
// Every process does it, so that no event waits for the one that has published it. After an error it waits for a moment, or
// for a commit.
func (w *watcher) routeDue() error {
	if w.firstDue > time.Now().UnixNano() {
		return nil
	}
	err := w.b.submitJob(w.ctx, false, func(t *transaction) (err error) {
		w.firstDue, err = w.b.routeDue(t)
		return err
	})
	if err != nil { // also that of the commit: nothing was routed
		w.firstDue = time.Now().Add(time.Second).UnixNano()
	}
	return err
}

// sweepStates deletes states whose time is over, or a part of them when they are very many: the next look is soon then.
func (w *watcher) sweepStates() error {
	over, err := w.session.queryNumber(`SELECT number FROM state WHERE until > 0 AND until <= ? LIMIT 1`, time.Now().UnixNano())
	if w.sweeping = over != 0; err != nil || !w.sweeping {
		return w.b.explainError(err)
	}
	return w.b.submitJob(w.ctx, false, (*transaction).sweepStates)
}

// lookAtOrgans wakes the calls for organs that have work after a commit of another process, and notes when the first
// delayed event is due.
func (w *watcher) lookAtOrgans(organs []*organ) error {
	byNumber := make(map[int64]*organ, len(organs))
	for _, o := range organs {
		byNumber[o.number] = o
	}
	now, held := time.Now().UnixNano(), int64(0)
	err := w.session.query(func(r *row) error {
		n := r.between(1, lastOrgan)
		var seen organ
		seen.readColumns(r)
		held += seen.countStored()
		if o := byNumber[n]; o != nil {
			o.next.Store(min(o.next.Load(), seen.nextLook()))
			if seen.hasWork() || o.next.Load() <= now {
				o.waiting.WakeAll()
			}
		}
		return nil
	}, readOrganAll)
	if err != nil {
		return err
	}
	later, err := readSchedule(w.session.query)
	if err != nil {
		return err
	}
	w.firstDue = later.first
	w.b.held.Store(held + later.waiting)
	return w.lookAtOthers(now)
}

// lookAtOthers notes whether other processes are alive, and has the writer read the bindings when they have changed.
func (w *watcher) lookAtOthers(now int64) error {
	others, err := w.session.queryNumber(`SELECT count(*) FROM process WHERE number != ? AND until > ?`, w.b.process, now)
	if err != nil {
		return err
	}
	w.b.shared.Store(others > 0)
	bindings, err := w.session.queryNumber(`SELECT value FROM meta WHERE name = 'bindings'`)
	if err != nil || bindings == w.bindings {
		return err
	}
	w.bindings = bindings
	return w.b.submitJob(w.ctx, false, func(*transaction) error { return nil })
}

// renewProcess says that this process is alive, and sweeps up behind those that are not.
func (b *Backend) renewProcess(t *transaction) error {
	changed, err := t.exec(`UPDATE process SET until = ? WHERE number = ?`, t.now+int64(processLife), b.process)
	if err == nil && changed == 0 { // it was stopped for so long that others have taken it for dead
		err = b.enterAgain(t)
	}
	if err == nil {
		err = t.sweepProcesses()
	}
	if err == nil {
		err = t.sweepParks()
	}
	if err == nil {
		_, err = t.exec(`DELETE FROM once WHERE at < ?`, t.now-int64(onceWindow))
	}
	if err == nil {
		err = t.sweepUniques()
	}
	return err
}

// onceWindow is how long an id is remembered that a caller chose, unless the caller says otherwise.
const onceWindow = contract.DefaultMemory

// enterAgain writes the rows of this process and of its consumers again. Other processes have deleted them because this one
// was silent for too long.
func (b *Backend) enterAgain(t *transaction) error {
	if _, err := t.exec(`INSERT INTO process (number, pid, until) VALUES (?, ?, ?)`, b.process, os.Getpid(), t.now+int64(processLife)); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.consumers {
		if c.left {
			continue
		}
		_, err := t.exec(`REPLACE INTO consumer (number, process, organ, ordered, exclusive, began) VALUES (?, ?, ?, ?, ?, ?)`,
			c.number, b.process, c.organ.number, int(c.sub.Order), c.sub.Exclusive, c.began)
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepProcesses forgets processes that have not said for long that they are alive. Their deliveries come back when their
// leases run out.
func (t *transaction) sweepProcesses() error {
	gone, err := t.exec(`DELETE FROM process WHERE until < ?`, t.now-int64(processLife))
	if err != nil || gone == 0 {
		return err
	}
	if _, err := t.exec(`DELETE FROM consumer WHERE process NOT IN (SELECT number FROM process)`); err != nil {
		return err
	}
	return t.adoptOrders()
}
