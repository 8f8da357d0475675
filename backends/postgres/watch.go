package postgres

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

const (
	// watchOften is how often the watcher looks for what no other process has told, while calls of Fetch wait.
	watchOften  = 100 * time.Millisecond
	watchSeldom = time.Second
	// restShare is how many times as long as a look that finds nothing the watcher rests, watchSeldom at most: a look passes over the
	// backlog of lanes that others own.
	restShare = 10
	// onceWindow is how long an id is remembered that a caller chose, unless the caller says otherwise.
	onceWindow = contract.DefaultMemory
	// sweepAtOnce is how many rows of a kind one sweep removes.
	sweepAtOnce = 10_000
)

// watcher is one goroutine of a backend, which alone uses it. It wakes calls of Fetch that may find something, routes
// delayed events that are due, renews the row by which this process counts as alive, and sweeps up behind dead processes.
type watcher struct {
	b       *Backend
	due     int64         // when the first delayed event is due, by the server's clock; 0 for none
	now     int64         // the server's time at the last look
	looked  time.Time     // when that was
	wasted  time.Duration // how long the last look took the server, if it found nothing; else 0
	beaten  time.Time     // when this process said last that it is alive
	counted time.Time
	counts  time.Duration // how long the last count took
	failing bool          // the last look failed, and was logged
}

func newWatcher(b *Backend) *watcher { return &watcher{b: b, beaten: time.Now()} }

func (w *watcher) watchServer(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.b.waker.nudge:
		case <-timer.C:
		}
		w.reportFailure(ctx, w.lookOnce(ctx))
		timer.Reset(w.nextPause())
	}
}

// reportFailure logs when looks begin to fail and when they end.
func (w *watcher) reportFailure(ctx context.Context, err error) {
	if failed := err != nil; failed != w.failing && ctx.Err() == nil {
		w.failing = failed
		if failed {
			w.b.log.Warn("postgres: the server cannot be watched: calls that wait may find events late, until it answers", "namespace", w.b.namespace, "error", err)
		} else {
			w.b.log.Info("postgres: the server is watched again", "namespace", w.b.namespace)
		}
	}
}

// nextPause returns how long the watcher may sleep.
func (w *watcher) nextPause() time.Duration {
	pause := watchSeldom
	switch {
	case w.b.room.Any():
		pause = watchOften
	case len(w.waitingOrgans()) > 0:
		pause = pauseAfter(w.wasted)
	}
	if w.due != 0 && !w.failing {
		pause = min(pause, max(time.Duration(w.due-w.now)-time.Since(w.looked), time.Millisecond))
	}
	return pause
}

// pauseAfter returns how long calls of Fetch wait for the next look after one that took the server so long and found nothing.
func pauseAfter(wasted time.Duration) time.Duration {
	return min(max(watchOften, restShare*wasted), watchSeldom)
}

// waitingOrgans returns the organs with calls of Fetch that wait in this process.
func (w *watcher) waitingOrgans() (numbers []int32) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	numbers = []int32{}
	for n, o := range w.b.organs {
		if o.waiting.Any() {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// findWork names those of some organs for which a Fetch of a process ($2) may find something, or has to take back abandoned
// leases. Of an organ with lanes that is what is in the lanes of its consumers, or a lane that they may get.
const findWork = `
	SELECT n FROM unnest($1::int[]) AS n JOIN {organ} o ON o.number = n AND o.paused = ''
	CROSS JOIN LATERAL (SELECT coalesce(array_agg(l.lane), '{}') AS lanes FROM {lane} l JOIN {consumer} c ON c.number = l.owner
		WHERE l.organ = n AND c.process = $2 AND l.heir = 0) mine
	WHERE EXISTS (SELECT FROM {queue} q WHERE q.organ = n AND (o.lanes < 2 OR q.spread IS NULL OR (q.spread & 2147483647) % o.lanes = ANY (mine.lanes))
			AND NOT EXISTS (SELECT FROM {lease} l WHERE l.organ = n AND l.seq = q.seq AND l.consumer <> 0))
		OR EXISTS (SELECT FROM {wait} w WHERE w.organ = n AND w.due <= (SELECT {nanos}()) AND (o.lanes < 2 OR w.spread IS NULL OR (w.spread & 2147483647) % o.lanes = ANY (mine.lanes))
			AND NOT EXISTS (SELECT FROM {lease} l WHERE l.organ = n AND l.seq = w.seq AND l.consumer <> 0))
		OR EXISTS (SELECT FROM {lane} WHERE organ = n AND (owner = 0 OR heir <> 0))
		OR EXISTS (SELECT FROM {lease} l WHERE l.organ = n AND l.consumer <> 0 AND l.until <= (SELECT {nanos}()))`

// lookOnce is one round of the watcher.
func (w *watcher) lookOnce(ctx context.Context) error {
	var bindings, ended int64
	var found []int32
	w.b.waker.first.Store(0)
	w.wasted = 0
	err := w.b.transactSteps(ctx, true,
		step{text: `SELECT value, (SELECT {nanos}()), (SELECT min(due) FROM {later}) FROM {meta} WHERE name = 'bindings'`, each: func(r *row) {
			bindings, w.now, w.due = r.integer(), r.integer(), r.integer()
		}},
		step{text: findWork, values: []any{w.waitingOrgans(), w.b.process}, each: func(r *row) { found = append(found, int32(r.integer())) }},
		step{text: `SELECT {nanos}()`, each: func(r *row) { ended = r.integer() }})
	if err != nil {
		return err
	}
	w.looked = time.Now()
	if len(found) == 0 {
		w.wasted = time.Duration(ended - w.now)
	}
	w.b.waker.first.Store(w.due)
	w.b.wakeOrgans(found)
	if bindings != w.b.known.Load().version {
		err = w.b.refreshBindings(ctx)
	}
	if w.due != 0 && w.due <= w.now {
		w.due = w.now // until the next look, which is soon
		err = errors.Join(err, w.b.routeAll(ctx))
	}
	return errors.Join(err, w.recountHeld(ctx), w.renewProcess(ctx))
}

// recountHeld counts the deliveries of the namespace, often while a Publish waits for room, and never so often that
// counting takes more than a small share of the time.
func (w *watcher) recountHeld(ctx context.Context) error {
	if !w.b.room.Any() && time.Since(w.counted) < max(time.Second, 50*w.counts) || time.Since(w.counted) < 5*w.counts {
		return nil
	}
	w.counted = time.Now()
	err := w.b.noteHeld(ctx)
	w.counts = time.Since(w.counted)
	if err == nil && w.b.held.Load() < w.b.limit {
		w.b.room.WakeAll()
	}
	return err
}

// renewProcess says now and then that this process is alive, and sweeps.
func (w *watcher) renewProcess(ctx context.Context) error {
	if time.Since(w.beaten) < processLife/3 {
		return nil
	}
	w.beaten = time.Now()
	alive := false
	err := w.b.transactSteps(ctx, true, step{
		text:   `UPDATE {process} SET until = (SELECT {nanos}()) + $2 WHERE number = $1 RETURNING true`,
		values: []any{w.b.process, int64(processLife)}, each: func(r *row) { alive = r.truth() },
	})
	if err == nil && !alive { // it was stopped for so long that others have taken it for dead
		err = w.b.enterAgain(ctx)
	}
	return errors.Join(err, w.b.sweepExpired(ctx), w.b.handLate(ctx))
}

// enterAgain writes the rows of this process and of its consumers again.
func (b *Backend) enterAgain(ctx context.Context) error {
	steps := []step{{
		text:   `INSERT INTO {process} (number, pid, until) OVERRIDING SYSTEM VALUE VALUES ($1, $2, (SELECT {nanos}()) + $3) ON CONFLICT DO NOTHING`,
		values: []any{b.process, os.Getpid(), int64(processLife)},
	}}
	b.mu.Lock()
	for c := range b.consumers {
		steps = append(steps, step{
			text:   `INSERT INTO {consumer} (number, process, organ, ordered, exclusive, began, lanes) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			values: []any{c.number, b.process, c.organ.number, int(c.sub.Order), c.sub.Exclusive, c.began.Load(), max(c.sub.Lanes, 1)},
		})
	}
	b.mu.Unlock()
	return b.transactSteps(ctx, false, steps...)
}

// sweepExpired deletes expired rows, unless another process sweeps at the time. The deliveries of a dead process come back
// when its leases run out.
func (b *Backend) sweepExpired(ctx context.Context) error {
	may := false
	steps := append([]step{{text: `SELECT pg_try_advisory_xact_lock($1, $2)`, values: []any{b.locks, lockSweep}, each: func(r *row) { may = r.truth() }}}, parkSteps()...)
	steps = append(steps,
		// The time is compared twice: a row that was renewed while the statement waited for it is told by the outer comparison alone.
		step{text: `DELETE FROM {once} WHERE id IN (SELECT id FROM {once} WHERE at < (SELECT {nanos}()) - $1 LIMIT $2) AND at < (SELECT {nanos}()) - $1`, values: []any{int64(onceWindow), sweepAtOnce}},
		step{text: `DELETE FROM {state} s USING (SELECT organ, key FROM {state} WHERE until > 0 AND until <= (SELECT {nanos}()) LIMIT $1 FOR UPDATE SKIP LOCKED) o
			WHERE s.organ = o.organ AND s.key = o.key`, values: []any{sweepAtOnce}},
		step{text: `DELETE FROM {schedule} WHERE named < (SELECT {nanos}()) - $1`, values: []any{int64(contract.ScheduleMemory)}},
		sweepUniques(),
		step{text: `DELETE FROM {rate} WHERE spent < (SELECT {nanos}()) - $1`, values: []any{int64(rateLife)}},
		step{text: `DELETE FROM {process} WHERE until < (SELECT {nanos}()) - $1`, values: []any{int64(processLife)}},
		step{text: `DELETE FROM {consumer} c WHERE NOT EXISTS (SELECT FROM {process} p WHERE p.number = c.process)`},
		step{text: `DELETE FROM {asleep} a WHERE NOT EXISTS (SELECT FROM {process} p WHERE p.number = a.process)`})
	if err := b.transactSteps(ctx, true, append(steps, b.orderSteps()...)...); err != nil || !may {
		return err
	}
	return nil
}
