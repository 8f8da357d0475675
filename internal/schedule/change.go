package schedule

import "time"

// ClockChange is a tick that a change of the clock touches.
type ClockChange struct {
	Local  string    // the local time, as in 2026-03-29 02:30
	Fires  time.Time // when it fires
	Exists bool      // the local time comes twice; else it does not exist
}

// ClockChanges returns the first tick from a time on, and within the given years, whose local time does not exist, and the
// first whose local time comes twice. Neither for a duration, or in a zone that keeps its clock.
func (s *Schedule) ClockChanges(from time.Time, years int) (changes []ClockChange) {
	if s.interval > 0 {
		return nil
	}
	var seen [2]bool
	_, _, at := offsetAt(from, s.zone)
	for end := from.AddDate(years, 0, 0); !at.IsZero() && at.Before(end); _, _, at = offsetAt(at, s.zone) {
		before, _, _ := offsetAt(at.Add(-1), s.zone)
		after, _, _ := offsetAt(at, s.zone)
		twice := after < before
		first, last := at.Unix()+min(before, after), at.Unix()+max(before, after)
		m, ok := s.fields.firstFrom(minute(ceilDiv(first, 60)))
		if !ok || int64(m)*60 >= last || seen[btoi(twice)] {
			continue
		}
		seen[btoi(twice)] = true
		changes = append(changes, ClockChange{m.String(), instantOf(m, s.zone), twice})
	}
	return changes
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ShortestGap returns the shortest time between two of the first hundred ticks behind a time.
func (s *Schedule) ShortestGap(after time.Time) time.Duration {
	if s.interval > 0 {
		return s.interval
	}
	shortest := time.Duration(1<<63 - 1)
	tick := s.Next(after)
	for range 100 {
		next := s.Next(tick)
		if next.IsZero() {
			break
		}
		shortest = min(shortest, next.Sub(tick))
		tick = next
	}
	return shortest
}
