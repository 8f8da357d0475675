package graph

import (
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// describeEmission describes an emission of x by a handler of an event. A list is taken to have at most as
// many elements as the lists of the handled event, where rules say how many those have: handlers
// emit something for each element. Without such rules it may have as many as a call may emit.
func describeEmission(x *Event, many, delayed bool, handled *model.Event) Emission {
	e := Emission{Event: x, Many: many, Delayed: delayed, Most: 1}
	if many {
		e.Most = MaxEmissions
		if n, known := elementsOf(handled); known && n > 0 {
			e.Most = min(n, MaxEmissions)
		}
	}
	return e
}

// elementsOf counts the elements that the lists of an event may have by their rules. It is not
// known when a list has no such rule, or is in a struct that holds itself.
func elementsOf(e *model.Event) (n uint64, known bool) {
	if e.Struct == nil {
		return 0, false
	}
	c := counter{around: map[*model.Type]bool{}, known: true}
	n = c.countInFields(e.Struct)
	return n, c.known
}

type counter struct {
	around map[*model.Type]bool
	known  bool
}

func (c *counter) countInFields(t *model.Type) (n uint64) {
	if c.around[t] {
		c.known = false
	}
	if !c.known {
		return 0
	}
	c.around[t] = true
	for _, f := range t.WireFields() {
		n = addCapped(n, c.countElements(f.Type, f.Rules))
	}
	delete(c.around, t)
	return n
}

func (c *counter) countElements(t *model.Type, rules *model.Rules) uint64 {
	t = t.Pointed()
	switch t.Kind {
	case model.Struct:
		return c.countInFields(t)
	case model.Array:
		return c.countInList(uint64(t.Len), t, rules)
	case model.Slice, model.Map:
		n, known := longestAllowed(rules)
		c.known = c.known && known
		return c.countInList(n, t, rules)
	}
	return 0
}

// countInList counts the elements of a list, and those of the lists in them.
func (c *counter) countInList(n uint64, t *model.Type, rules *model.Rules) uint64 {
	var inner *model.Rules
	if rules != nil {
		inner = rules.Dive
	}
	return multiplyCapped(n, addCapped(1, c.countElements(t.Elem, inner)))
}

// longestAllowed returns how many elements rules allow in a list.
func longestAllowed(rules *model.Rules) (n uint64, known bool) {
	if rules == nil {
		return 0, false
	}
	for _, r := range rules.List {
		param, err := strconv.ParseUint(r.Param, 0, 63)
		if err != nil {
			continue
		}
		switch r.Name {
		case "max", "lte", "len", "eq":
			return param, true
		case "lt":
			return param - min(param, 1), true
		}
	}
	return 0, false
}
