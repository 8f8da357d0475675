package schedule

import (
	"math/bits"
	"time"
)

// set is a set of small numbers, a bit for each.
type set uint64

func (s set) has(n int) bool { return s&(1<<n) != 0 }

// firstFrom returns the smallest number of the set that is n or more.
func (s set) firstFrom(n int) (first int, ok bool) {
	if n > 63 {
		return 0, false
	}
	rest := s >> n << n
	return bits.TrailingZeros64(uint64(rest)), rest != 0
}

// lastUpTo returns the largest number of the set that is n or less.
func (s set) lastUpTo(n int) (last int, ok bool) {
	if n < 0 {
		return 0, false
	}
	rest := s << (63 - n) >> (63 - n)
	return 63 - bits.LeadingZeros64(uint64(rest)), rest != 0
}

// fields are the five fields of a cron expression.
type fields struct {
	minutes, hours, days, months, weekdays set
	// Where neither the field of the day nor that of the weekday holds an asterisk, a date matches that matches one of
	// them, as in cron.
	eitherDay bool
}

// matchesDay reports whether a date of a month that matches does so too.
func (f *fields) matchesDay(day int, weekday time.Weekday) bool {
	byDay, byWeekday := f.days.has(day), f.weekdays.has(int(weekday))
	if f.eitherDay {
		return byDay || byWeekday
	}
	return byDay && byWeekday
}

// neverFires reports whether no date of any year matches.
func (f *fields) neverFires() bool {
	if f.eitherDay || f.weekdays != everyWeekday {
		return false
	}
	for month := 1; month <= 12; month++ {
		longest := time.Date(2024, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() // a leap year
		if first, _ := f.days.firstFrom(0); f.months.has(month) && first <= longest {
			return false
		}
	}
	return true
}

// firstFrom returns the first local time from m on that matches, within the horizon.
func (f *fields) firstFrom(m minute) (minute, bool) {
	t := m.civil()
	ofDay := t.Hour()*60 + t.Minute()
	date := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	for end := date.AddDate(horizon, 0, 0); date.Before(end); ofDay = 0 {
		if !f.months.has(int(date.Month())) {
			date = time.Date(date.Year(), date.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if f.matchesDay(date.Day(), date.Weekday()) {
			if found, ok := f.firstOfDay(ofDay); ok {
				return minute(date.Unix()/60) + minute(found), true
			}
		}
		date = date.AddDate(0, 0, 1)
	}
	return 0, false
}

// lastBefore returns the last local time before m that matches, within the horizon.
func (f *fields) lastBefore(m minute) (minute, bool) {
	t := (m - 1).civil()
	ofDay := t.Hour()*60 + t.Minute()
	date := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	for end := date.AddDate(-horizon, 0, 0); date.After(end); ofDay = 24*60 - 1 {
		if !f.months.has(int(date.Month())) {
			date = time.Date(date.Year(), date.Month(), 0, 0, 0, 0, 0, time.UTC)
			continue
		}
		if f.matchesDay(date.Day(), date.Weekday()) {
			if found, ok := f.lastOfDay(ofDay); ok {
				return minute(floorDiv(date.Unix(), 60)) + minute(found), true
			}
		}
		date = date.AddDate(0, 0, -1)
	}
	return 0, false
}

// firstOfDay returns the first minute of a day from the given one on.
func (f *fields) firstOfDay(from int) (int, bool) {
	if hour := from / 60; f.hours.has(hour) {
		if minute, ok := f.minutes.firstFrom(from % 60); ok {
			return hour*60 + minute, true
		}
	}
	hour, ok := f.hours.firstFrom(from/60 + 1)
	minute, _ := f.minutes.firstFrom(0)
	return hour*60 + minute, ok
}

// lastOfDay returns the last minute of a day up to the given one.
func (f *fields) lastOfDay(upTo int) (int, bool) {
	if hour := upTo / 60; f.hours.has(hour) {
		if minute, ok := f.minutes.lastUpTo(upTo % 60); ok {
			return hour*60 + minute, true
		}
	}
	hour, ok := f.hours.lastUpTo(upTo/60 - 1)
	minute, _ := f.minutes.lastUpTo(59)
	return hour*60 + minute, ok
}
