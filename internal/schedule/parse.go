package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// field is how one of the five fields is written.
type field struct {
	name       string
	least, max int
	names      []string // of the numbers from least on; nil for none
}

var cronFields = [5]field{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of the month", 1, 31, nil},
	{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{"weekday", 0, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}, // 7 is Sunday, too
}

const everyWeekday set = 1<<7 - 1

// shorthands are names for whole expressions.
var shorthands = map[string]string{
	"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}

// IsCron reports whether an expression is meant as cron fields or as a name for them, and not as a duration.
func IsCron(expression string) bool {
	return strings.HasPrefix(expression, "@") || strings.ContainsAny(strings.TrimSpace(expression), " \t*")
}

// parseCron reads five fields, or a name for them.
func parseCron(expression string) (f fields, err error) {
	if strings.HasPrefix(expression, "@") {
		full, ok := shorthands[expression]
		if !ok {
			return f, unknownShorthand(expression)
		}
		expression = full
	}
	parts := strings.Fields(expression)
	if len(parts) != len(cronFields) {
		return f, wrongCount(parts)
	}
	var sets [5]set
	var errs []error
	for i := range parts {
		if sets[i], err = cronFields[i].parse(parts[i]); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return f, err
	}
	if sets[4].has(7) {
		sets[4] = sets[4]&everyWeekday | 1
	}
	f = fields{minutes: sets[0], hours: sets[1], days: sets[2], months: sets[3], weekdays: sets[4]}
	f.eitherDay = !strings.Contains(parts[2], "*") && !strings.Contains(parts[4], "*")
	if f.neverFires() {
		return f, ErrNeverFires
	}
	return f, nil
}

func unknownShorthand(name string) error {
	if rest, ok := strings.CutPrefix(name, "@every "); ok {
		return fmt.Errorf("%s is written as the duration alone: %s", name, rest)
	}
	return fmt.Errorf("%q is no name of a schedule: there are @hourly, @daily, @weekly, @monthly and @yearly", name)
}

func wrongCount(parts []string) error {
	switch {
	case len(parts) > 0 && (strings.HasPrefix(parts[0], "TZ=") || strings.HasPrefix(parts[0], "CRON_TZ=")):
		_, zone, _ := strings.Cut(parts[0], "=")
		return fmt.Errorf("the zone is written behind the expression: tz=%s", zone)
	case len(parts) == 6:
		return errors.New("it has six fields: cron has five and no seconds, which a duration has, such as 10s")
	}
	return fmt.Errorf("%d fields: cron has five, which are minute, hour, day of the month, month and weekday", len(parts))
}

// parse reads one field: a list of ranges with steps.
func (f *field) parse(text string) (all set, err error) {
	for part := range strings.SplitSeq(text, ",") {
		s, err := f.parseRange(part)
		if err != nil {
			return 0, fmt.Errorf("%s %q: %w", f.name, text, err)
		}
		all |= s
	}
	return all, nil
}

// parseRange reads *, a number, or a range, the first and the last with a step behind a slash.
func (f *field) parseRange(text string) (s set, err error) {
	span, stepText, stepped := strings.Cut(text, "/")
	step := 1
	if stepped {
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > f.max {
			return 0, fmt.Errorf("the step %q must be a number from 1 to %d", stepText, f.max)
		}
	}
	first, last := f.least, f.max
	if f.max == 7 {
		last = 6 // 7 is Sunday, which 0 is already
	}
	switch from, to, isRange := strings.Cut(span, "-"); {
	case isRange:
		if first, err = f.parseNumber(from); err == nil {
			last, err = f.parseNumber(to)
		}
		if err == nil && last == 0 && f.max == 7 && first > 0 {
			last = 7 // FRI-SUN
		}
		if err == nil && first > last {
			err = fmt.Errorf("the range %s ends before it begins: write two, with a comma between them", span)
		}
	case span != "*":
		if first, err = f.parseNumber(span); err == nil && stepped {
			err = fmt.Errorf("a step needs a range: write %s-%d/%d", span, f.max, step)
		}
		last = first
	}
	if err != nil {
		return 0, err
	}
	for n := first; n <= last; n += step {
		s |= 1 << n
	}
	return s, nil
}

// parseNumber reads a number or its name.
func (f *field) parseNumber(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.least + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.least || n > f.max || strings.ContainsAny(text, "+-") {
		must := fmt.Sprintf("must be %d to %d", f.least, f.max)
		if f.names != nil {
			must += fmt.Sprintf(", or %s to %s", f.names[0], f.names[len(f.names)-1])
		}
		return 0, fmt.Errorf("%q %s", text, must)
	}
	return n, nil
}
