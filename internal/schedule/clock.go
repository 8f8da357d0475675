package schedule

import "time"

// minute is a local time in minutes since 1970, as the clock of a zone shows it.
type minute int64

// farOffset is more than any zone is away from UTC, and more than a change of its clock.
const farOffset = 26 * time.Hour

// offsetAt returns by how many seconds the clock of a zone is ahead of UTC, and the time in which it is that: from start until
// before end. A zero start or end is none.
func offsetAt(t time.Time, zone *time.Location) (offset int64, start, end time.Time) {
	local := t.In(zone)
	_, seconds := local.Zone()
	start, end = local.ZoneBounds()
	return int64(seconds), start, end
}

// firstUnseen returns the first whole minute that the clock of a zone has not shown by an instant: it is behind the time that
// the clock shows now, and not before the time that the clock had reached before it was set back.
func firstUnseen(at time.Time, zone *time.Location) minute {
	offset, start, _ := offsetAt(at, zone)
	unseen := minute(floorDiv(at.Unix()+offset, 60) + 1)
	for !start.IsZero() && at.Sub(start) < farOffset {
		reached := start.Unix()
		offset, start, _ = offsetAt(start.Add(-1), zone)
		unseen = max(unseen, minute(ceilDiv(reached+offset, 60)))
	}
	return unseen
}

// instantOf returns the first instant at which the clock of a zone shows a local time or a later one.
func instantOf(m minute, zone *time.Location) time.Time {
	from := time.Unix(int64(m)*60, 0).Add(-farOffset) // the clock shows less
	for {
		offset, _, end := offsetAt(from, zone)
		t := time.Unix(int64(m)*60-offset, 0)
		if t.Before(from) {
			t = from
		}
		if end.IsZero() || t.Before(end) {
			return t.In(zone)
		}
		from = end
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }

// civil returns a local time as a time.Time whose fields are what the clock shows.
func (m minute) civil() time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// String is what the clock shows: 2026-03-29 02:30.
func (m minute) String() string { return m.civil().Format("2006-01-02 15:04") }
