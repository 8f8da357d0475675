package lock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// word is one word of a validate tag on its level: behind how many dives it stands.
type word struct {
	level       int
	name, param string
}

func (w word) String() string {
	if w.param == "" {
		return w.name
	}
	return w.name + "=" + w.param
}

func words(tag string) []word {
	var list []word
	level := 0
	for text := range strings.SplitSeq(tag, ",") {
		if text == "" || text == "-" {
			continue
		}
		name, param, _ := strings.Cut(text, "=")
		if strings.Contains(text, "|") {
			name, param = text, "" // alternatives are compared as a whole
		}
		switch name {
		case "dive", "keys", "endkeys":
			level++
		}
		list = append(list, word{level, name, param})
	}
	return list
}

// lenient words let values pass that the others would refuse.
var lenient = []string{"omitempty", "omitnil", "omitzero"}

// structural words say what the others are about.
var structural = []string{"dive", "keys", "endkeys", "structonly", "nostructlevel"}

// narrower says which rule of the new tag refuses what the old one took; "" for none.
func narrower(old, now string) string {
	before := words(old)
	find := func(list []word, w word) int {
		return slices.IndexFunc(list, func(o word) bool { return o.level == w.level && o.name == w.name })
	}
	for _, w := range words(now) {
		if slices.Contains(lenient, w.name) || slices.Contains(structural, w.name) {
			continue
		}
		i := find(before, w)
		switch {
		case i < 0:
			return fmt.Sprintf("rule %s is new", w)
		case before[i].param != w.param && !wider(w.name, before[i].param, w.param):
			return fmt.Sprintf("rule %s was %s", w, before[i])
		}
	}
	for _, w := range before {
		if slices.Contains(lenient, w.name) && find(words(now), w) < 0 && refusesZero(now) != "" {
			return fmt.Sprintf("%s is gone", w)
		}
	}
	return ""
}

// wider says that a rule takes all that it took with another parameter.
func wider(name, old, now string) bool {
	switch name {
	case "oneof", "oneofci":
		list := strings.Fields(now)
		return !slices.ContainsFunc(strings.Fields(old), func(w string) bool { return !slices.Contains(list, w) })
	}
	before, ok := quantity(old)
	after, ok2 := quantity(now)
	switch name {
	case "min", "gte", "gt":
		return ok && ok2 && after <= before
	case "max", "lte", "lt":
		return ok && ok2 && after >= before
	}
	return false
}

// quantity reads the parameter of a bound: a number, or a duration in nanoseconds.
func quantity(param string) (float64, bool) {
	if d, err := time.ParseDuration(param); err == nil {
		return float64(d), true
	}
	if n, err := strconv.ParseInt(param, 0, 64); err == nil {
		return float64(n), true
	}
	f, err := strconv.ParseFloat(param, 64)
	return f, err == nil
}

// takesZero are rules that a zero value keeps.
var takesZero = []string{"max", "lte", "lt", "unique", "ne", "isdefault", "excludes", "excludesall", "excludesrune"}

// refusesZero says which rule a value breaks that is missing, and so zero; "" for none.
func refusesZero(tag string) string {
	for _, w := range words(tag) {
		n, isNumber := quantity(w.param)
		switch {
		case slices.Contains(lenient, w.name), w.level > 0:
			return ""
		case slices.Contains(takesZero, w.name):
		case (w.name == "min" || w.name == "gte" || w.name == "len" || w.name == "eq") && isNumber && n <= 0:
		case w.name == "gt" && isNumber && n < 0:
		case strings.HasSuffix(w.name, "field") || strings.HasPrefix(w.name, "required_") || strings.HasPrefix(w.name, "excluded_"):
		default:
			return w.String()
		}
	}
	return ""
}
