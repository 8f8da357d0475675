package ticks

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

const (
	// maxMissed is how many ticks that were missed are fired at most.
	maxMissed = 1000
	// maxTicks is how many ticks go into one step.
	maxTicks = 100
	// maxLate is how late a tick may be before catchup=skip takes it for missed.
	maxLate = time.Minute
)

// nextFiring returns the step that takes a schedule on from where it is: the ticks that are due and that its catch-up wants.
// It moves the schedule past those that are left out, of which it returns the number, counted to maxMissed. ok is false while no
// tick is due.
func (s *Schedule) nextFiring(after, now int64) (f contract.Firing, leftOut int, ok bool) {
	bound := s.inForce.Load()
	due, more := bound.plan.Missed(time.Unix(0, after), time.Unix(0, now), maxMissed)
	if n := len(due); n > 0 && due[n-1].UnixNano()+s.jitterOf(due[n-1].UnixNano()) > now {
		due = due[:n-1]
	}
	if len(due) == 0 {
		return f, 0, false
	}
	fires := due
	newest := due[len(due)-1]
	switch bound.every.Catchup {
	case contract.CatchupLast:
		fires = due[len(due)-1:]
	case contract.CatchupSkip:
		fires = due[len(due)-1:]
		if now-newest.UnixNano()-s.jitterOf(newest.UnixNano()) > int64(maxLate) {
			fires = nil
		}
	case contract.CatchupAll:
		if len(fires) > maxTicks {
			fires = fires[:maxTicks]
			newest = fires[maxTicks-1]
		}
	}
	f = contract.Firing{Schedule: s.Identity, Bound: bound.text, After: after, UpTo: newest.UnixNano()}
	for _, tick := range fires {
		f.Ticks = append(f.Ticks, s.message(tick.UnixNano()))
	}
	if bound.every.Catchup != contract.CatchupAll {
		leftOut = len(due) - len(fires)
	} else if more {
		leftOut = maxMissed
	}
	return f, leftOut, true
}
