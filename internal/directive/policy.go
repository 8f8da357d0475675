package directive

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/spec"
)

// maxCount bounds every number in a policy: more is a slip of the keyboard.
const maxCount = 1_000_000

// RangeError says what a well-formed value must be.
type RangeError struct{ Must string }

func (e *RangeError) Error() string { return "must be " + e.Must }

// ErrReversed says that a backoff ends before it begins.
var ErrReversed = errors.New("the first delay is longer than the last")

var (
	errNumber  = errors.New("not a number")
	errSpan    = errors.New("not a duration such as 2s or 100ms")
	errBackoff = errors.New("not two durations such as 100ms..30s")
	errBreaker = errors.New("not a number and a duration such as 5/30s")
)

// Policy reads the policy keys of a directive. A value that can't be read leaves its fields
// zero: that it can't is for the checks to say.
func Policy(d *spec.Directive) spec.Policy {
	p := spec.Policy{Keys: map[string]spec.Pos{}}
	for _, a := range d.Args {
		k, ok := LookupKey(a.Key)
		if !ok || !k.Fits(d.Verb) || k.Fits(Event) {
			continue
		}
		if _, again := p.Keys[a.Key]; again {
			continue
		}
		p.Keys[a.Key] = a.Pos
		if k.Flag {
			p.Exclusive = true
		} else {
			_ = SetPolicy(&p, a.Key, a.Value)
		}
	}
	return p
}

// SetPolicy sets the field that a key means. An error leaves p as it was: a *RangeError,
// ErrReversed or one that says which form the value has.
func SetPolicy(p *spec.Policy, key, value string) (err error) {
	switch key {
	case "retry":
		return setCount(&p.Retry, value)
	case "concurrency":
		return setCount(&p.Concurrency, value)
	case "maxhops":
		return setCount(&p.MaxHops, value)
	case "pack":
		return setCount(&p.Pack, value)
	case "timeout":
		return setDuration(&p.Timeout, value)
	case "onfail":
		return setWord(&p.OnFail, value, "dead", "drop", "halt")
	case "order":
		return setWord(&p.Order, value, "strict", "key")
	case "backoff":
		return setBackoff(p, value)
	case "breaker":
		return setBreaker(p, value)
	}
	return nil
}

// WordsOf returns the values of a key that takes a word, for suggestions.
func WordsOf(key string) []string {
	switch key {
	case "onfail":
		return []string{"dead", "drop", "halt"}
	case "order":
		return []string{"strict", "key"}
	}
	return nil
}

func setCount(to *int, value string) error {
	n, err := strconv.Atoi(value)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n < 1 || n > maxCount):
		return &RangeError{Must: fmt.Sprintf("from 1 to %d", maxCount)}
	case err != nil:
		return errNumber
	}
	*to = n
	return nil
}

func setDuration(to *time.Duration, value string) error {
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		return errSpan
	case d <= 0:
		return &RangeError{Must: "longer than 0s"}
	}
	*to = d
	return nil
}

func setWord(to *string, value string, words ...string) error {
	if !slices.Contains(words, value) {
		return fmt.Errorf("not one of %s", strings.Join(words, ", "))
	}
	*to = value
	return nil
}

func setBackoff(p *spec.Policy, value string) error {
	from, to, found := strings.Cut(value, "..")
	if !found {
		return errBackoff
	}
	var low, high time.Duration
	if err := setDuration(&low, from); err != nil {
		return pairError(err, errBackoff)
	}
	if err := setDuration(&high, to); err != nil {
		return pairError(err, errBackoff)
	}
	if low > high {
		return ErrReversed
	}
	p.BackoffMin, p.BackoffMax = low, high
	return nil
}

func setBreaker(p *spec.Policy, value string) error {
	count, pause, found := strings.Cut(value, "/")
	if !found {
		return errBreaker
	}
	var n int
	var d time.Duration
	if err := setCount(&n, count); err != nil {
		return pairError(err, errBreaker)
	}
	if err := setDuration(&d, pause); err != nil {
		return pairError(err, errBreaker)
	}
	p.BreakerCount, p.BreakerPause = n, d
	return nil
}

// pairError keeps a range error of one half, and else tells the form of the whole.
func pairError(err, form error) error {
	var r *RangeError
	if errors.As(err, &r) {
		return err
	}
	return form
}
