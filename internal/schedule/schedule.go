package schedule

import (
	"errors"
	"fmt"
	"time"
)

// Schedule says when something fires. It is immutable. [Parse] makes one.
type Schedule struct {
	interval time.Duration // above 0 for a duration; the rest is unused then
	fields   fields
	zone     *time.Location
}

// Bounds of a duration. Ticks are told in nanoseconds, of which engines keep milliseconds.
const (
	MinInterval = time.Second
	MaxInterval = 10 * 366 * 24 * time.Hour
)

// horizon is how far ahead and back a tick is looked for, in years. The rarest day that cron fields can name, a 29th of
// February, is at most eight years away, and a 1st of February of a given weekday twelve.
const horizon = 30

// ErrNeverFires is the error of cron fields that name no day of any year, such as a 30th of February.
var ErrNeverFires = errors.New("it never fires: no month that it names has such a day")

// ZoneError is the error of a zone that is not known on this machine.
type ZoneError struct {
	Zone string
	Err  error
}

func (e *ZoneError) Error() string { return fmt.Sprintf("the zone %q is not known: %v", e.Zone, e.Err) }

func (e *ZoneError) Unwrap() error { return e.Err }

// Parse reads an expression in a zone of the tz database. An empty zone is UTC. An error is ErrNeverFires, a
// *ZoneError, or one that says which part is wrong and what it must be.
func Parse(expression, zone string) (*Schedule, error) {
	s := &Schedule{zone: time.UTC}
	var err error
	if IsCron(expression) {
		s.fields, err = parseCron(expression)
	} else {
		s.interval, err = parseInterval(expression)
	}
	if err != nil {
		return nil, err
	}
	if zone == "" {
		return s, nil
	}
	if s.interval > 0 {
		return nil, errors.New("a duration has no zone: it counts elapsed time")
	}
	if s.zone, err = loadZone(zone); err != nil {
		return nil, &ZoneError{zone, err}
	}
	return s, nil
}

// loadZone loads a zone by its name. The name Local would mean another zone on each machine.
func loadZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("it is another one on each machine")
	}
	return time.LoadLocation(name)
}

// parseInterval reads a duration.
func parseInterval(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is neither five cron fields in quotes, nor a name such as @daily, nor a duration such as 90s", text)
	case d < MinInterval:
		return 0, fmt.Errorf("the duration %s is below %s, the shortest there is", text, MinInterval)
	case d > MaxInterval:
		return 0, fmt.Errorf("the duration %s is over ten years, the longest there is", text)
	case d%time.Millisecond != 0:
		return 0, fmt.Errorf("the duration %s is no whole number of milliseconds", text)
	}
	return d, nil
}

// Interval returns the duration of the schedule, and 0 for one of cron fields.
func (s *Schedule) Interval() time.Duration { return s.interval }

// Next returns the first tick behind a time, in the zone of the schedule. It is zero when there is none within 30 years.
func (s *Schedule) Next(after time.Time) time.Time {
	if s.interval > 0 {
		return s.multiple(after).Add(s.interval)
	}
	m, ok := s.fields.firstFrom(firstUnseen(after, s.zone))
	if !ok {
		return time.Time{}
	}
	return instantOf(m, s.zone)
}

// Last returns the last tick at a time or before it. It is zero when there is none within 30 years.
func (s *Schedule) Last(at time.Time) time.Time {
	if s.interval > 0 {
		return s.multiple(at)
	}
	m, ok := s.fields.lastBefore(firstUnseen(at, s.zone))
	if !ok {
		return time.Time{}
	}
	return instantOf(m, s.zone)
}

// multiple returns the last multiple of the interval since 1970 at a time or before it.
func (s *Schedule) multiple(at time.Time) time.Time {
	nanos := at.UnixNano()
	past := nanos % int64(s.interval)
	if past < 0 {
		past += int64(s.interval)
	}
	return time.Unix(0, nanos-past).UTC()
}

// Missed returns the newest ticks behind after and up to upTo, at most limit, oldest first. more says that there are
// older ones.
func (s *Schedule) Missed(after, upTo time.Time, limit int) (ticks []time.Time, more bool) {
	for at := upTo; ; {
		tick := s.Last(at)
		if tick.IsZero() || !tick.After(after) {
			break
		}
		if len(ticks) == limit {
			more = true
			break
		}
		ticks = append(ticks, tick)
		at = tick.Add(-1)
	}
	for i, j := 0, len(ticks)-1; i < j; i, j = i+1, j-1 {
		ticks[i], ticks[j] = ticks[j], ticks[i]
	}
	return ticks, more
}
