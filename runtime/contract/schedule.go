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

// TickingBackend is a Backend that keeps for each schedule up to which nominal time it has fired. There is no leader:
// every process that runs an organ for the event asks for the tick when it is due, and one of them gets it. What is to
// be fired is decided by the runtime; the backend compares and stores.
//
// A schedule has the identity of its event as its name. A backend forgets a schedule that no call has named for 30 days or
// more, and never earlier: so a release that returns after the schedule was removed finds where it was.
type TickingBackend interface {
	Backend
	// FiredUpTo returns how far a schedule is.
	FiredUpTo(ctx context.Context, schedule string) (ScheduleState, error)
	// Fire stores the ticks of a schedule, for the organs that are bound to them, and moves the schedule, in one step and
	// only if it is still where the firing says and the new time has come by the backend's clock. Else it changes
	// nothing; the state says which. Repeating the call is harmless. Fire never waits for room: a backend that is full returns
	// ErrFull or ErrBackendFull, and has changed nothing.
	Fire(ctx context.Context, f Firing) (ScheduleState, error)
}

// ScheduleState is how far a schedule is.
type ScheduleState struct {
	// FiredUpTo is the nominal time of the tick that was fired or left out last, in nanoseconds since 1970; 0 for a
	// schedule that is not known.
	FiredUpTo int64
	// Now is the backend's time, in nanoseconds since 1970.
	Now int64
	// Fired says that this call of Fire moved the schedule and stored its ticks.
	Fired bool
}

// Firing is one step of a schedule.
type Firing struct {
	Schedule string
	// After is where the schedule must be, and UpTo where it is afterwards, both as FiredUpTo and exact to the
	// millisecond. UpTo is later than After.
	After, UpTo int64
	// Ticks are stored; at most 100. There may be none.
	Ticks []Message
}

// ScheduleMemory is how long a backend remembers a schedule that no call names.
const ScheduleMemory = 30 * 24 * time.Hour

// tickSeed sets ids of ticks apart from all others that are made of an event's name.
var tickSeed = IDOf("necro:every")

// TickID returns the id of a tick: a hash of the event's identity and the nominal time, in nanoseconds since 1970.
func TickID(identity string, nominal int64) ID {
	return DeriveID(IDOf(identity), tickSeed, uint64(nominal))
}
