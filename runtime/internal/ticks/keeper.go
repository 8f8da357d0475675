package ticks

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Keeper fires schedules over a backend. Its fields do not change while it runs.
type Keeper struct {
	Backend   contract.TickingBackend
	Schedules []*Schedule
	Log       *slog.Logger
	Succeeded func(s *Schedule)                                      // notes a call that did not fail
	Failed    func(ctx context.Context, s *Schedule, err error) bool // notes one that failed, waits, and reports whether to repeat it
}

// lookEvery bounds how long a schedule sleeps before it asks again: that tells the backend that a process is alive which wants these
// times, and the backend's clock may have been set, or the machine may have slept. aliveFor is how long the backend believes it.
const (
	lookEvery = 2 * time.Minute
	aliveFor  = 5 * time.Minute / 2
)

// fullPause is how long a schedule waits when the backend has no room for its tick.
const fullPause = time.Second

// Run fires the schedules until ctx ends. It calls caughtUp once each of them has fired what was due when Run began, or has found
// no room for it, or ctx has ended.
func (k *Keeper) Run(ctx context.Context, caughtUp func()) {
	var first, all sync.WaitGroup
	first.Add(len(k.Schedules))
	for _, s := range k.Schedules {
		all.Go(func() { (&keeping{k, s, sync.OnceFunc(first.Done)}).keepSchedule(ctx) })
	}
	first.Wait()
	caughtUp()
	all.Wait()
}

// keeping is a schedule that is kept by a goroutine.
type keeping struct {
	*Keeper
	s        *Schedule
	caughtUp func()
}

// clock is how far a schedule is, and the backend's time when it said so.
type clock struct {
	contract.ScheduleState
	at time.Time // by our monotonic clock
}

// now is the backend's time by our clock. It is late by what the reply took, and never early.
func (c *clock) now() int64 { return c.Now + int64(time.Since(c.at)) }

// keepSchedule fires the schedule until ctx ends.
func (k *keeping) keepSchedule(ctx context.Context) {
	defer k.caughtUp()
	state, ok := k.ask(ctx)
	for ok {
		if !k.followBinding(&state) {
			k.caughtUp()
			if ok = sleep(ctx, lookEvery); ok {
				state, ok = k.ask(ctx)
			}
			continue
		}
		if f, leftOut, due := k.nextStep(&state); due {
			if state, ok = k.fire(ctx, f); state.Fired && leftOut > 0 {
				k.Log.Warn("ticks of a schedule were missed, and its catchup leaves them out", "event_type", k.s.Type.Name, "left_out", leftOut)
			}
			continue
		}
		k.caughtUp()
		if ok = k.sleepUntilDue(ctx, &state); ok && time.Since(state.at) >= lookEvery {
			state, ok = k.ask(ctx)
		}
	}
}

// followBinding lets the schedule fire by what it is bound to. It reports false where this release cannot read that: other processes
// keep the schedule.
func (k *keeping) followBinding(c *clock) bool {
	changed, err := k.s.bindTo(c.Bound)
	switch {
	case err != nil:
		k.Log.Error("this process cannot keep a schedule as it is bound, and other processes do", "event_type", k.s.Type.Name, "error", err)
	case changed && k.s.Waits() != "":
		k.Log.Warn("a schedule fires at the times that it is bound to: "+k.s.Waits(), "event_type", k.s.Type.Name)
	case changed:
		k.Log.Info("a schedule fires at this release's times from now on: no living process wants others", "event_type", k.s.Type.Name, "schedule", c.Bound)
	}
	return err == nil
}

// claim is what each call says.
func (k *keeping) claim() contract.ScheduleClaim {
	return contract.ScheduleClaim{Wants: k.s.own.text, For: aliveFor}
}

// nextStep returns the step to be made now. A schedule that the backend does not know begins now, without a tick.
func (k *keeping) nextStep(c *clock) (f contract.Firing, leftOut int, due bool) {
	now := c.now() / int64(time.Millisecond) * int64(time.Millisecond)
	if c.FiredUpTo == 0 {
		return contract.Firing{Schedule: k.s.Identity, Bound: c.Bound, UpTo: now}, 0, true
	}
	return k.s.nextFiring(c.FiredUpTo, now)
}

// sleepUntilDue sleeps until the next tick is due, or for as long as the state may be trusted. It reports false when ctx ended.
func (k *keeping) sleepUntilDue(ctx context.Context, c *clock) bool {
	pause := lookEvery - time.Since(c.at)
	if due := k.s.dueAfter(c.FiredUpTo); due != 0 {
		pause = min(pause, time.Duration(due-c.now()))
	}
	return sleep(ctx, max(pause, time.Millisecond))
}

// ask asks how far the schedule is, until the backend answers. It reports false when ctx ended.
func (k *keeping) ask(ctx context.Context) (clock, bool) {
	return k.repeat(ctx, func() (contract.ScheduleState, error) { return k.Backend.FiredUpTo(ctx, k.s.Identity, k.claim()) })
}

// fire makes a step. When the backend has no room, it asks anew after a while: other ticks may be due by then.
func (k *keeping) fire(ctx context.Context, f contract.Firing) (clock, bool) {
	f.Claim = k.claim()
	full := false
	c, ok := k.repeat(ctx, func() (contract.ScheduleState, error) {
		state, err := k.Backend.Fire(ctx, f)
		if full = errors.Is(err, contract.ErrFull) || errors.Is(err, contract.ErrBackendFull); full {
			return state, nil
		}
		return state, err
	})
	if !full || !ok {
		return c, ok
	}
	k.caughtUp()
	if !sleep(ctx, fullPause) {
		return c, false
	}
	return k.ask(ctx)
}

// repeat makes a call until it does not fail. It reports false when ctx ended.
func (k *keeping) repeat(ctx context.Context, call func() (contract.ScheduleState, error)) (c clock, ok bool) {
	for {
		state, err := call()
		if err == nil {
			k.Succeeded(k.s)
			return clock{state, time.Now()}, ctx.Err() == nil
		}
		if !k.Failed(ctx, k.s, err) {
			return c, false
		}
	}
}

// sleep reports false when ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
