package contract

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// catchupNames are the values of catchup= in a //necro:every comment.
var catchupNames = map[Catchup]string{CatchupLast: "last", CatchupSkip: "skip", CatchupAll: "all"}

// String writes the schedule as a //necro:every comment says it, with what differs from the defaults. Equal schedules have
// equal texts.
func (s *Schedule) String() string {
	text := s.Expression
	if strings.ContainsAny(text, " \t\"\\") {
		text = strconv.Quote(text)
	}
	if s.Zone != "" {
		text += " tz=" + s.Zone
	}
	if s.Catchup != CatchupLast {
		text += " catchup=" + catchupNames[s.Catchup]
	}
	if s.Jitter > 0 {
		text += " jitter=" + s.Jitter.String()
	}
	return text
}

// ParseSchedule reads what [Schedule.String] has written. It does not look into the expression.
func ParseSchedule(text string) (*Schedule, error) {
	s := &Schedule{}
	rest := text
	if quoted, err := strconv.QuotedPrefix(text); err == nil {
		s.Expression, _ = strconv.Unquote(quoted)
		rest = text[len(quoted):]
	} else {
		s.Expression, rest, _ = strings.Cut(text, " ")
	}
	for word := range strings.FieldsSeq(rest) {
		if err := s.parseKey(word); err != nil {
			return nil, fmt.Errorf("schedule %q: %w: only a newer release can read it", text, err)
		}
	}
	return s, nil
}

// parseKey reads one key=value.
func (s *Schedule) parseKey(word string) (err error) {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "tz":
		s.Zone = value
		return nil
	case "jitter":
		s.Jitter, err = time.ParseDuration(value)
		return err
	case "catchup":
		for catchup, name := range catchupNames {
			if name == value {
				s.Catchup = catchup
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not known", word)
}
