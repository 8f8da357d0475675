package policykey

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxCount bounds every number in a policy: more is a slip of the keyboard.
const maxCount = 1_000_000

// RangeError says what a well-formed value must be.
type RangeError struct{ Must string }

func (e *RangeError) Error() string { return "must be " + e.Must }

// ErrReversed says that a range ends before it begins.
var ErrReversed = errors.New("the first delay is longer than the last")

var (
	errNumber   = errors.New("not a number")
	errDuration = errors.New("not a duration such as 2s or 100ms")
	errRange    = errors.New("not two durations such as 100ms..30s")
	errCountPer = errors.New("not a number and a duration such as 5/30s")
	errFlag     = errors.New("not true or false")
)

// Value is the value behind a key. Only the fields of the key's kind are set.
type Value struct {
	Count    int           // of a Count and of a CountPer
	Duration time.Duration // of a Duration and of a CountPer; the shorter one of a Range
	Longest  time.Duration // of a Range
	Choice   Place         // of a Word
	On       bool          // of a Flag
}

// Parse reads a value. An error is a [*RangeError], [ErrReversed], or one that says which form the value has.
func (k *Key) Parse(text string) (v Value, err error) {
	switch k.Kind {
	case Count:
		v.Count, err = parseCount(text, cmp.Or(k.Most, maxCount))
	case Duration:
		v.Duration, err = parseDuration(text)
	case Range:
		return parseRange(text)
	case CountPer:
		return parseCountPer(text, cmp.Or(k.Most, maxCount))
	case Word:
		v.Choice, err = k.parseWord(text)
	case Flag:
		if v.On = text == "true"; !v.On && text != "false" {
			err = errFlag
		}
	}
	return v, err
}

// ParseSetting reads a value from the environment, where "none" turns an optional key off.
func (k *Key) ParseSetting(text string) (Value, error) {
	if k.Optional && text == "none" {
		return Value{}, nil
	}
	return k.Parse(text)
}

// WantedSetting says what the environment must have: "a number, as in 5".
func (k *Key) WantedSetting() string {
	_, example, _ := strings.Cut(k.Form, "=")
	wanted := ""
	switch k.Kind {
	case Count:
		wanted = "a number, as in " + example
	case Duration:
		wanted = "a duration, as in " + example
	case Range:
		wanted = "two durations, as in " + example
	case CountPer:
		wanted = "a number and a duration, as in " + example
	case Word:
		words := k.Words()
		last := len(words) - 1
		wanted = strings.Join(words[:last], ", ") + " or " + words[last]
	case Flag:
		wanted = "true or false"
	}
	if k.Optional {
		wanted += ", or none"
	}
	return wanted
}

// Place is the place of a word in [Key.Choices], counted from 1.
type Place int

// Parts returns what a value sets the fields of contract.Policy to, in the order of [Key.Fields]: an int, a time.Duration,
// a bool, or a [Place].
func (k *Key) Parts(v Value) []any {
	switch k.Kind {
	case Count:
		return []any{v.Count}
	case Duration:
		return []any{v.Duration}
	case Range:
		return []any{v.Duration, v.Longest}
	case CountPer:
		return []any{v.Count, v.Duration}
	case Word:
		return []any{v.Choice}
	default:
		return []any{v.On}
	}
}

// Word returns the word of a value of the kind Word, or "" of the zero value.
func (k *Key) Word(v Value) string {
	if v.Choice == 0 {
		return ""
	}
	return k.Choices[v.Choice-1].Word
}

// Format writes a value as annotations have it: the key, and what Parse reads. It is "" for the zero value, which is no key at all.
func (k *Key) Format(v Value) string {
	text := ""
	switch {
	case v == Value{}:
		return ""
	case k.Kind == Flag:
		return k.Name
	case k.Kind == Count:
		text = strconv.Itoa(v.Count)
	case k.Kind == Duration:
		text = formatDuration(v.Duration)
	case k.Kind == Range:
		text = formatDuration(v.Duration) + ".." + formatDuration(v.Longest)
	case k.Kind == CountPer:
		text = strconv.Itoa(v.Count) + "/" + formatDuration(v.Duration)
	case k.Kind == Word:
		text = k.Word(v)
	}
	return k.Name + "=" + text
}

// formatDuration writes 2m where a Duration prints 2m0s.
func formatDuration(d time.Duration) string {
	text := d.String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}

// DefaultCount returns the number that holds without a key whose kind is Count.
func DefaultCount(name string) int {
	n, _ := strconv.Atoi(Lookup(name).Default)
	return n
}

func (k *Key) parseWord(text string) (Place, error) {
	for i, c := range k.Choices {
		if c.Word == text {
			return Place(i + 1), nil
		}
	}
	return 0, fmt.Errorf("not one of %s", strings.Join(k.Words(), ", "))
}

func parseCount(text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n < 1 || n > most):
		return 0, &RangeError{Must: fmt.Sprintf("from 1 to %d", most)}
	case err != nil:
		return 0, errNumber
	}
	return n, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errDuration
	case d <= 0:
		return 0, &RangeError{Must: "longer than 0s"}
	}
	return d, nil
}

func parseRange(text string) (Value, error) {
	from, to, found := strings.Cut(text, "..")
	if !found {
		return Value{}, errRange
	}
	shortest, err := parseDuration(from)
	if err != nil {
		return Value{}, partError(err, errRange)
	}
	longest, err := parseDuration(to)
	if err != nil {
		return Value{}, partError(err, errRange)
	}
	if shortest > longest {
		return Value{}, ErrReversed
	}
	return Value{Duration: shortest, Longest: longest}, nil
}

func parseCountPer(text string, most int) (Value, error) {
	count, span, found := strings.Cut(text, "/")
	if !found {
		return Value{}, errCountPer
	}
	n, err := parseCount(count, most)
	if err != nil {
		return Value{}, partError(err, errCountPer)
	}
	d, err := parseDuration(span)
	if err != nil {
		return Value{}, partError(err, errCountPer)
	}
	return Value{Count: n, Duration: d}, nil
}

// partError keeps a range error of one half, and else tells the form of the whole.
func partError(err, form error) error {
	if _, ok := errors.AsType[*RangeError](err); ok {
		return err
	}
	return form
}
