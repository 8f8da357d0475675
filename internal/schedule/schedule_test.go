package schedule

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// ticksBehind returns the next n ticks, as the clock of the zone shows them with its offset.
func ticksBehind(t *testing.T, expression, zone, from string, n int) string {
	t.Helper()
	s, err := Parse(expression, zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, from)
	if err != nil {
		t.Fatal(err)
	}
	var ticks []string
	for range n {
		next := s.Next(at)
		if last := s.Last(next); !last.Equal(next) {
			t.Errorf("%s: the last tick up to %s is %s", expression, next, last)
		}
		if last := s.Last(next.Add(-1)); last.After(at) {
			t.Errorf("%s: %s is a tick between %s and %s", expression, last, at, next)
		}
		ticks = append(ticks, next.Format("01-02 15:04 -0700"))
		at = next
	}
	return strings.Join(ticks, ", ")
}

func TestNextTicks(t *testing.T) {
	for _, c := range []struct{ expression, zone, from, want string }{
		// The clock of Berlin goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 to 02:00 on 2026-10-25.
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", "03-28 02:30 +0100, 03-29 03:00 +0200, 03-30 02:30 +0200"},
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", "10-24 02:30 +0200, 10-25 02:30 +0200, 10-26 02:30 +0100"},
		{"*/30 * * * *", "Europe/Berlin", "2026-03-29T00:29:00Z", "03-29 01:30 +0100, 03-29 03:00 +0200, 03-29 03:30 +0200"},
		{"*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59:59Z", "10-25 02:00 +0200, 10-25 02:30 +0200, 10-25 03:00 +0100"},
		{"0 3 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "10-25 03:00 +0100, 10-26 03:00 +0100"},
		{"0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "03-29 03:00 +0200, 03-30 02:00 +0200"},
		// That of New York from 02:00 to 03:00 on 2026-03-08, and from 02:00 to 01:00 on 2026-11-01.
		{"15 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "03-08 03:00 -0400, 03-09 02:15 -0400"},
		{"15 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "11-01 01:15 -0400, 11-02 01:15 -0500"},
		{"45 1 * * *", "America/New_York", "2026-11-01T05:50:00Z", "11-02 01:45 -0500"}, // it is 01:50, and 01:45 comes again
		{"45 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", "11-02 01:45 -0500"}, // it is 01:10 for the second time
		{"0 2 * * SUN", "America/New_York", "2026-10-26T12:00:00Z", "11-01 02:00 -0500, 11-08 02:00 -0500"},
		// Half an hour in Lord Howe, and a whole day that Apia left out in 2011.
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "10-04 02:30 +1100, 10-05 02:15 +1100"},
		{"0 12 30 12 *", "Pacific/Apia", "2011-06-01T00:00:00Z", "12-31 00:00 +1400, 12-30 12:00 +1400"},
		// Leap days and the ends of months.
		{"0 0 29 2 *", "", "2026-01-01T00:00:00Z", "02-29 00:00 +0000, 02-29 00:00 +0000"},
		{"0 0 29 2 *", "", "2096-03-01T00:00:00Z", "02-29 00:00 +0000"},
		{"0 12 31 * *", "", "2026-01-31T12:00:00Z", "03-31 12:00 +0000, 05-31 12:00 +0000, 07-31 12:00 +0000, 08-31 12:00 +0000"},
		{"59 23 28-31 2 *", "", "2028-02-01T00:00:00Z", "02-28 23:59 +0000, 02-29 23:59 +0000, 02-28 23:59 +0000"},
		{"0 0 1 1 *", "Europe/Berlin", "2026-12-31T23:00:00Z", "01-01 00:00 +0100"},
		// Days and weekdays: either, where both are restricted.
		{"0 0 13 * FRI", "", "2026-02-01T00:00:00Z", "02-06 00:00 +0000, 02-13 00:00 +0000, 02-20 00:00 +0000, 02-27 00:00 +0000, 03-06 00:00 +0000, 03-13 00:00 +0000"},
		{"0 0 1 6 MON", "", "2026-05-30T00:00:00Z", "06-01 00:00 +0000, 06-08 00:00 +0000"},
		{"0 0 */10 * MON", "", "2026-06-01T00:00:00Z", "08-31 00:00 +0000, 09-21 00:00 +0000"},
		{"30 2 * * 1-5", "", "2026-06-05T03:00:00Z", "06-08 02:30 +0000"},
		{"0 8 * * FRI-SUN", "", "2026-06-04T00:00:00Z", "06-05 08:00 +0000, 06-06 08:00 +0000, 06-07 08:00 +0000, 06-12 08:00 +0000"},
		{"0 8 * * 7", "", "2026-06-04T00:00:00Z", "06-07 08:00 +0000"},
		{"5-59/20 8-10/2 * jan,Dec *", "", "2026-01-31T08:30:00Z", "01-31 08:45 +0000, 01-31 10:05 +0000, 01-31 10:25 +0000, 01-31 10:45 +0000, 12-01 08:05 +0000"},
		{"@hourly", "", "2026-01-01T00:00:00Z", "01-01 01:00 +0000"},
		{"@weekly", "", "2026-06-04T00:00:00Z", "06-07 00:00 +0000"},
		{"@monthly", "Asia/Kathmandu", "2026-06-04T00:00:00Z", "07-01 00:00 +0545"},
		{"@yearly", "", "2026-06-04T00:00:00Z", "01-01 00:00 +0000"},
		// Durations are multiples since 1970.
		{"15m", "", "2026-06-04T00:00:00.5Z", "06-04 00:15 +0000, 06-04 00:30 +0000"},
		{"168h", "", "1969-12-30T00:00:00Z", "01-01 00:00 +0000, 01-08 00:00 +0000"},
	} {
		if got := ticksBehind(t, c.expression, c.zone, c.from, strings.Count(c.want, ",")+1); got != c.want {
			t.Errorf("%s %s behind %s:\n%s, want\n%s", c.expression, c.zone, c.from, got, c.want)
		}
	}
}

// TestAgainstTheClock compares with a clock that is watched minute by minute.
func TestAgainstTheClock(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"} {
		for _, expression := range []string{"* * * * *", "*/7 1-3 * * *", "30 2 * * *", "0 0 31 * 2", "59 1,2 * 3,10,11 SUN"} {
			s, err := Parse(expression, zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, month := range []time.Month{time.March, time.October} { // and a week of the next one
				from := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
				watchClock(t, s, expression, from, from.AddDate(0, 1, 7))
			}
		}
	}
}

// watchClock goes through the minutes of a clock, and wants a tick wherever it shows a matching time that it had not reached before.
func watchClock(t *testing.T, s *Schedule, expression string, at, end time.Time) {
	t.Helper()
	shown, next := firstUnseen(at, s.zone), s.Next(at)
	for at.Before(end) {
		at = at.Add(time.Minute)
		offset, _, _ := offsetAt(at, s.zone)
		now := minute(floorDiv(at.Unix()+offset, 60))
		m, ok := s.fields.firstFrom(shown)
		fires := ok && m <= now
		shown = max(shown, now+1)
		if fires != at.Equal(next) {
			t.Fatalf("%s %s: at %s it fires: %t, and the next tick is %s", expression, s.zone, at.In(s.zone), fires, next)
		}
		if fires {
			if last := s.Last(at.Add(30 * time.Second)); !last.Equal(at) {
				t.Fatalf("%s %s: the last tick up to half a minute behind %s is %s", expression, s.zone, at, last)
			}
			next = s.Next(at)
		}
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	for expression, want := range map[string]string{
		"":                 "neither five cron fields",
		"daily":            "neither five cron fields",
		"5":                "neither five cron fields",
		"500ms":            "below 1s",
		"-1h":              "below 1s",
		"1s1us":            "whole number of milliseconds",
		"90000h":           "over ten years",
		"@reboot":          "there are @hourly",
		"@every 5m":        "written as the duration alone: 5m",
		"* * * *":          "4 fields",
		"0 0 2 * * *":      "six fields",
		"TZ=UTC * * * * *": "tz=UTC",
		"60 * * * *":       `minute "60": "60" must be 0 to 59`,
		"* 24 * * *":       `hour "24"`,
		"* * 0 * *":        `day of the month "0": "0" must be 1 to 31`,
		"* * * FOO *":      `"FOO" must be 1 to 12, or JAN to DEC`,
		"* * * * 8":        `must be 0 to 7, or SUN to SAT`,
		"* * * * ?":        `weekday "?"`,
		"* * L * *":        `day of the month "L"`,
		"*/0 * * * *":      `the step "0"`,
		"5/10 * * * *":     "write 5-59/10",
		"30-10 * * * *":    "ends before it begins",
		"1,,2 * * * *":     `""`,
		"+1 * * * *":       `"+1"`,
	} {
		if _, err := Parse(expression, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", expression, err, want)
		}
	}
	for _, expression := range []string{"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30-31 FEB *"} {
		if _, err := Parse(expression, ""); !errors.Is(err, ErrNeverFires) {
			t.Errorf("%q: %v, want %v", expression, err, ErrNeverFires)
		}
	}
	for _, zone := range []string{"Europe/Berlyn", "Local", "../etc"} {
		if _, err := Parse("@daily", zone); !errors.As(err, new(*ZoneError)) {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
	if _, err := Parse("5m", "Europe/Berlin"); err == nil {
		t.Error("a duration takes a zone")
	}
}

func TestMissedTicks(t *testing.T) {
	s, err := Parse("0 * * * *", "")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 6, 1, 5, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		hours, limit, want int
		more               bool
	}{{0, 5, 0, false}, {3, 5, 3, false}, {5, 5, 5, false}, {6, 5, 5, true}, {100_000, 1, 1, true}} {
		upTo := from.Add(time.Duration(c.hours) * time.Hour)
		ticks, more := s.Missed(from, upTo, c.limit)
		if len(ticks) != c.want || more != c.more {
			t.Errorf("%d hours: %d ticks, more %t", c.hours, len(ticks), more)
		}
		for i, tick := range ticks {
			if want := upTo.Add(time.Duration(i+1-len(ticks)) * time.Hour); !tick.Equal(want) {
				t.Errorf("%d hours: tick %d is %s, want %s", c.hours, i, tick, want)
			}
		}
	}
}

func TestClockChanges(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ expression, zone, want string }{
		{"30 2 * * *", "Europe/Berlin", "[2026-03-29 02:30 false 03:00] [2026-10-25 02:30 true 02:30] "},
		{"30 2 * * 1-5", "Europe/Berlin", ""},
		{"30 3 * * *", "Europe/Berlin", ""},
		{"30 2 * * *", "", ""},
		{"30 2 * * *", "Asia/Tokyo", ""},
		{"0 1 1 11 *", "America/New_York", "[2026-11-01 01:00 true 01:00] "},
		{"30m", "", ""},
	} {
		s, err := Parse(c.expression, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, change := range s.ClockChanges(from, 5) {
			fmt.Fprintf(&got, "[%s %t %s] ", change.Local, change.Exists, change.Fires.Format("15:04"))
		}
		if got.String() != c.want {
			t.Errorf("%s %s: %s, want %s", c.expression, c.zone, got.String(), c.want)
		}
	}
}

func TestShortestGap(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for expression, want := range map[string]time.Duration{"90s": 90 * time.Second, "0,5 * * * *": 5 * time.Minute, "@daily": 24 * time.Hour} {
		s, err := Parse(expression, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.ShortestGap(from); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

// FuzzSchedule: whatever is parsed has ticks that grow, in both directions the same.
func FuzzSchedule(f *testing.F) {
	for _, expression := range []string{"30 2 * * 1-5", "*/7 1-3 29 2 *", "@daily", "90s", "0 0 */31 2 MON", "59 23 31 12 *"} {
		f.Add(expression, "Europe/Berlin", int64(1_774_742_400))
		f.Add(expression, "", int64(0))
	}
	f.Fuzz(func(t *testing.T, expression, zone string, from int64) {
		s, err := Parse(expression, zone)
		if err != nil {
			return
		}
		at := time.Unix(from%(200*366*86400), 0)
		for range 3 {
			next := s.Next(at)
			if !next.After(at) {
				t.Fatalf("%q %q: behind %s comes %s", expression, zone, at, next)
			}
			if last := s.Last(next); !last.Equal(next) {
				t.Fatalf("%q %q: the last tick up to %s is %s", expression, zone, next, last)
			}
			if last := s.Last(next.Add(-1)); last.After(at) {
				t.Fatalf("%q %q: %s is between %s and %s", expression, zone, last, at, next)
			}
			at = next
		}
	})
}
