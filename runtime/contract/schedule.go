package contract

import (
	"context"
	"time"
)

// Schedule says when an event is published by itself: that is what a //necro:every comment says. It is never changed.
type Schedule struct {
	// Expression is five cron fields, a name such as @daily, or a duration such as 90s.
	Expression string
	// Zone is the name of the zone whose clock the cron fields mean; empty is UTC.
	Zone string
	// Catchup says what becomes of ticks whose time passed while no process ran.
	Catchup Catchup
	// Jitter is how long a tick waits behind its nominal time at most. How long is a hash, the same in all processes.
	Jitter time.Duration
}

// Catchup says what becomes of ticks that were missed.
type Catchup int

const (
	// CatchupLast fires the newest of them. It is the default.
	CatchupLast Catchup = iota
	// CatchupSkip fires none. A tick that is late by a minute or less was not missed, unless the next one is due as well.
	CatchupSkip
	// CatchupAll fires all of them, oldest first, and of more than 1,000 the newest 1,000.
	CatchupAll
)

// TickingBackend is a Backend that keeps for each schedule up to which nominal time it has fired. There is no leader: every
// process that runs an organ for the event asks for the tick when it is due, and one of them gets it. The runtime decides
// which ticks are fired; the backend compares and stores.
//
// A schedule has the identity of its event as its name. A backend forgets a schedule that no call has named for 30 days or
// more, and never earlier: so a release that returns after the schedule was removed finds where it was.
//
// Two releases may want different times for one schedule. One of these is bound, and all processes run under it, until no living
// process wants it: see [ScheduleRecord.Claim].
type TickingBackend interface {
	Backend
	// FiredUpTo takes in a claim, and returns how far a schedule is.
	FiredUpTo(ctx context.Context, schedule string, claim ScheduleClaim) (ScheduleState, error)
	// Fire takes in a claim; then it stores the ticks of a schedule, for the organs that are bound to them, and moves the
	// schedule, in one step and only if [ScheduleRecord.Move] allows it by the backend's clock. Else it stores no tick; the state
	// says which. Repeating the call is harmless. Fire never waits for room: a backend that is full returns
	// ErrFull or ErrBackendFull, and has changed nothing.
	Fire(ctx context.Context, f Firing) (ScheduleState, error)
	// Schedules returns the records of all schedules, in the order of their names. It claims none of them.
	Schedules(ctx context.Context) ([]ScheduleRecord, error)
}

// ScheduleClaim is what a process says with each call about the schedule that it names.
type ScheduleClaim struct {
	// Wants is what the process's own //necro:every comment says, as [Schedule.String] writes it.
	Wants string
	// For is how long the process counts as alive from now on.
	For time.Duration
}

// ScheduleState is how far a schedule is.
type ScheduleState struct {
	// FiredUpTo is the nominal time of the tick that was fired or left out last, in nanoseconds since 1970; 0 for a
	// schedule that is not known.
	FiredUpTo int64
	// Now is the backend's time, in nanoseconds since 1970.
	Now int64
	// Bound is what the schedule fires by; for one that is not known what the caller wants.
	Bound string
	// Fired says that this call of Fire moved the schedule and stored its ticks.
	Fired bool
}

// Firing is one step of a schedule.
type Firing struct {
	Schedule string
	Claim    ScheduleClaim
	// Bound is what the ticks were computed by. The schedule must still be bound to it.
	Bound string
	// After is where the schedule must be, and UpTo where it is afterwards, both as FiredUpTo and exact to the
	// millisecond. UpTo is later than After.
	After, UpTo int64
	// Ticks are stored; at most 100. There may be none.
	Ticks []Message
}

// ScheduleRecord is what a backend keeps of a schedule. Times are in nanoseconds since 1970.
type ScheduleRecord struct {
	Schedule  string // the identity of its event
	FiredUpTo int64
	Bound     string
	Until     int64 // when the last process that wants the bound times counts as gone
	Named     int64 // when a call named the schedule last
}

// Claim takes in what a process wants. The bound times stay until no living process wants them. The next call then binds
// its own; the schedule goes on from where it is.
func (r *ScheduleRecord) Claim(c ScheduleClaim, now int64) {
	r.Named = now
	end := now + int64(c.For)
	switch {
	case r.Bound == c.Wants:
		r.Until = max(r.Until, end)
	case r.Until <= now:
		r.Bound, r.Until = c.Wants, end
	}
}

// Move moves the schedule, and reports whether it did: if it is where the firing says, is bound to what the ticks were computed
// by, and the new time has come.
func (r *ScheduleRecord) Move(f *Firing, now int64) bool {
	if r.FiredUpTo != f.After || r.Bound != f.Bound || f.UpTo <= f.After || f.UpTo > now {
		return false
	}
	r.FiredUpTo = f.UpTo
	return true
}

// StateAt returns how far the schedule is.
func (r *ScheduleRecord) StateAt(now int64, fired bool) ScheduleState {
	return ScheduleState{FiredUpTo: r.FiredUpTo, Now: now, Bound: r.Bound, Fired: fired}
}

// ScheduleMemory is how long a backend remembers a schedule that no call names.
const ScheduleMemory = 30 * 24 * time.Hour

// tickSeed sets ids of ticks apart from all others that are made of an event's name.
var tickSeed = IDOf("necro:every")

// TickID returns the id of a tick: a hash of the event's identity and the nominal time, in nanoseconds since 1970.
func TickID(identity string, nominal int64) ID {
	return DeriveID(IDOf(identity), tickSeed, uint64(nominal))
}
