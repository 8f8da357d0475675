package directive

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// MinTTL is the shortest life of a record.
const MinTTL = time.Second

const day = 24 * time.Hour

var (
	errTTL     = errors.New("not a duration such as 36h or 90d")
	errTTLLong = errors.New("longer than 292 years")
)

// ParseTTL reads a duration as Go writes it, with days in front or alone: "36h", "90d", "1d12h".
func ParseTTL(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return parseHours(text)
	}
	n, err := strconv.ParseUint(days, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || n > uint64(math.MaxInt64/day):
		return 0, errTTLLong
	case err != nil:
		return 0, errTTL
	case rest == "":
		return time.Duration(n) * day, nil
	}
	hours, err := parseHours(rest)
	switch sum := time.Duration(n)*day + hours; {
	case err != nil:
		return 0, err
	case hours < 0:
		return 0, errTTL
	case sum < hours:
		return 0, errTTLLong
	default:
		return sum, nil
	}
}

// parseHours reads a duration without days.
func parseHours(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errTTL
	}
	return d, nil
}
