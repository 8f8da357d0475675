package contract

import "time"

// Health is what a backend says of itself.
type Health struct {
	Err error // nil when the backend can be reached; else the rest is what could be
	// Durability is how stored events survive, in the backend's words; empty when they live
	// and die with the process, as in memory.
	Durability string
	Organs     []OrganHealth
	Parked     []ParkHealth
	// Delayed counts the delayed events in the schedule, and Overdue is for how long the first of them has been due; 0
	// while its time has not come.
	Delayed int
	Overdue time.Duration
	// ClockSteps counts how often the clock by which the backend keeps time was set by a second or more, and
	// ClockStep is by how much the last time. Scheduled deliveries keep their time; leases began again.
	ClockSteps int
	ClockStep  time.Duration
}

// OrganHealth is the state of one bound organ.
type OrganHealth struct {
	// Organ is the name under which the organ was bound last.
	Organ string
	// Identity is the name under which it was bound first; empty when that is Organ.
	Identity  string
	Ready     int // stored and not leased
	Leased    int
	Scheduled int // retries and declines that wait, and what strict order holds back behind them
	Dead      int
	DeadBytes int64
	// Oldest is the age of the oldest event that is ready; 0 when there is none.
	Oldest time.Duration
	// OldestLeased is the longest that a leased delivery has been held since its lease was
	// given or renewed last; 0 when there is none. A living spine renews at a third of the
	// lease, but for suspects that wait for their turn.
	OldestLeased time.Duration
	Consumers    int
	// Paused is why the organ is paused, or empty.
	Paused string
	// OpenBreakers is the number of living consumers whose breaker is open, and Breaker the one of these
	// that opened first. See BreakerConsumer.
	OpenBreakers int
	Breaker      BreakerState
}

// AddBreaker counts a consumer's breaker when it is open.
func (h *OrganHealth) AddBreaker(b BreakerState) {
	if b.Since.IsZero() {
		return
	}
	if h.OpenBreakers == 0 || b.Since.Before(h.Breaker.Since) {
		h.Breaker = b
	}
	h.OpenBreakers++
}

// ParkHealth counts the events of one name that wait for a first subscriber.
type ParkHealth struct {
	Event   string
	Parked  int
	Dropped int // let go because the park was full
}
