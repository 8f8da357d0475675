package engine

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// How an organ is slowed whose emissions outgrow the limit of its backend.
const (
	pauseGrowth    = 2                     // it is paused when the backend holds so many times as much as when the slowing began
	levelNoise     = 1.02                  // a server's memory varies by so much by itself
	pressureTick   = 50 * time.Millisecond // between two looks while it waits
	shortestWait   = time.Second           // for relief; longer each time that none comes
	longestWait    = 30 * time.Second
	maxUnseen      = 32 << 10 // emissions between two looks
	maxUnseenBytes = 4 << 20
	nearlyFull     = 0.5 // from here on the organ waits until its own emissions are stored
)

// pressure slows an organ that emits more than it handles while the backend is over its limit, and holds
// more each time that the organ has run.
//
// The organ then waits until others have worked off its emissions. An organ that waits cannot deadlock: organs
// that do not amplify go on and make room, and when no room is made for a while one delivery runs nevertheless.
// If that goes on until the backend holds twice as much as at the beginning, the organ is paused with its
// reason.
//
// Three states follow from how full the backend is, which is looked at before a Fetch of an organ that emits more than it
// handles:
//
//	not slowed   began is 0                           the organ fetches without a limit
//	slowed       the backend is over its limit        it fetches a little, when what the backend holds has not grown
//	paused       it holds twice as much as at began   by the backend, in all processes, until an operator resumes it
//
// The slowing ends when the backend is below its limit.
type pressure struct {
	handled, emitted atomic.Int64 // since the last look; added by workers at the end of a batch

	slowed atomic.Bool  // for those who ask how the organ is
	bytes  atomic.Int64 // of the emissions since the last look

	// The fields below belong to the worker that fetches for the organ.
	began  float64       // how full the backend was when the slowing began; 0 while the organ is not slowed
	level  float64       // how full it was when the organ ran last
	batch  int           // what the organ may fetch while what the backend holds does not grow
	wait   time.Duration // of the next time that no relief comes
	looked time.Time     // when the last look ended
	cost   time.Duration // how long it took
	unseen int64         // events that were emitted since
}

// noteBatch counts what a batch handled and emitted. Workers call it, once for each batch; the batch may not be settled
// yet, so these counts run ahead of the backend by the outcomes under way.
func (p *pressure) noteBatch(handled, emitted, bytes int) {
	if emitted > 0 {
		p.emitted.Add(int64(emitted))
		p.bytes.Add(int64(bytes))
	}
	p.handled.Add(int64(handled))
}

// emitsMore reports whether the organ emitted more events than it handled since the last look.
func (p *pressure) emitsMore() bool {
	handled, emitted := p.handled.Swap(0), p.emitted.Swap(0)
	p.unseen += emitted
	return emitted > handled
}

// awaitPressure returns how many deliveries the organ may fetch now, at most limit. It waits while the backend
// is over its limit and the organ's own emissions are what fills it.
func (o *Organ) awaitPressure(r *Run, limit int) int {
	p := &o.pressure
	if o.engine.Gauge == nil || !p.emitsMore() || !p.mayLook() {
		return limit
	}
	full, ok := o.backendFullness(r)
	if ok && full >= nearlyFull { // the emissions under way may be those that pass the limit
		o.settler.waitForAll()
		full, ok = o.backendFullness(r)
	}
	switch {
	case !ok:
		return limit
	case full < 1:
		o.speedUp()
		return limit
	case p.began == 0:
		p.began, p.level, p.wait, p.batch = full, 1, shortestWait, 1
		p.slowed.Store(true)
		o.engine.Log.Warn("organ is slowed: it emits more than it handles, and the backend is over its limit",
			"organ", o.Name, "times_the_limit", full)
	case full >= pauseGrowth*p.began:
		o.pauseForPressure(r, full)
		return 1
	}
	if full > p.level*levelNoise {
		p.batch = 1
		o.awaitRelief(r, full)
		return 1
	}
	p.batch = min(2*p.batch, limit)
	return p.batch
}

// speedUp ends the slowing, and tells of it: operators saw a warning when it began.
func (o *Organ) speedUp() {
	p := &o.pressure
	if p.began > 0 {
		p.began = 0
		p.slowed.Store(false)
		o.engine.Log.Info("organ runs at full pace again: the backend is below its limit", "organ", o.Name)
	}
}

// awaitRelief waits until the backend holds no more than when the organ ran last, no room was made for a while,
// or the run is told to stop.
func (o *Organ) awaitRelief(r *Run, full float64) {
	p := &o.pressure
	lowest, since := full, time.Now()
	for !r.stopping.Load() {
		r.sleepUnlessStopped(pressureTick)
		now, ok := o.backendFullness(r)
		if ok && (now < 1 || now <= p.level) {
			return
		}
		if ok && now < lowest {
			lowest, since = now, time.Now()
			p.wait = shortestWait
		}
		if time.Since(since) >= p.wait {
			p.wait, p.level = min(2*p.wait, longestWait), max(lowest, p.level)
			return
		}
	}
}

// mayLook reports whether a look is worth its time: it takes a fiftieth of the organ's at most, unless the
// organ is slowed or has emitted much since the last one.
func (p *pressure) mayLook() bool {
	return p.began > 0 || p.unseen >= maxUnseen || p.bytes.Load() >= maxUnseenBytes || time.Since(p.looked) >= 50*p.cost
}

// backendFullness asks the backend. ok is false when it does not answer: Fetch will tell.
func (o *Organ) backendFullness(r *Run) (full float64, ok bool) {
	p := &o.pressure
	start := time.Now()
	full, err := o.engine.Gauge.Fullness(r.Fetching)
	p.looked, p.unseen = time.Now(), 0
	p.bytes.Store(0)
	p.cost = p.looked.Sub(start)
	return full, err == nil
}

// pauseForPressure pauses the organ in all processes, where the backend can.
func (o *Organ) pauseForPressure(r *Run, full float64) {
	if o.engine.PauseOrgan == nil {
		return
	}
	reason := fmt.Sprintf("it emits more than it handles, and the backend holds %.1f times its limit: make room, or raise the limit, and resume it", full)
	if err := o.engine.PauseOrgan(r.Settling, o.Name, reason); err != nil {
		r.NoteFailedCall(r.Fetching, "pause", o.Name, err)
		return
	}
	o.engine.Log.LogAttrs(r.Settling, slog.LevelError, "organ is paused", slog.String("organ", o.Name), slog.String("reason", reason))
}
