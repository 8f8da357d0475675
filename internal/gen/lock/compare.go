package lock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// Kind is the kind of a change.
type Kind int

// The kinds of breaking changes.
const (
	EventRemoved Kind = iota
	NameReused
	KeyChanged
	FieldRemoved
	FieldRequired // a new field that old events lack
	TypeChanged
	RuleNarrowed
	FormChanged // from a map to an array, or another order in an array
)

// Change is a breaking change, with its effect on both sides.
type Change struct {
	Kind Kind
	Pos  model.Pos // of the changed part as it is now; of the event for a part that is gone
	Text string    // "ORDER_PLACED: field legs[].qty was removed"

	// OldReaders is what becomes of new events in programs of the last release, NewReaders of
	// old events in this one; empty for nothing.
	OldReaders, NewReaders string
}

// Compare returns what breaks when events and states that were like old become like now.
func Compare(old, now *File) []Change {
	c := comparison{old: old, now: now, shapes: map[*File]map[string]*model.Type{old: {}, now: {}}}
	for _, before := range old.all() {
		c.compareEvent(before)
	}
	return c.changes
}

type comparison struct {
	old, now *File
	changes  []Change
	state    bool              // what is compared is a state
	compared map[compared]bool // structs of an event: a change is told where it is met first
	shapes   map[*File]map[string]*model.Type
}

// compared are two structs, and whether they are validated.
type compared struct {
	before, after string
	in            entered
}

// addFinding adds a change. Its effects are written for events; of a state it is the stored values that are read.
func (c *comparison) addFinding(kind Kind, pos model.Pos, oldReaders, newReaders, format string, args ...any) {
	if c.state {
		oldReaders, newReaders = strings.ReplaceAll(oldReaders, "events", "values"), strings.ReplaceAll(newReaders, "events", "values")
	}
	c.changes = append(c.changes, Change{kind, pos, fmt.Sprintf(format, args...), oldReaders, newReaders})
}

func (c *comparison) compareEvent(before Event) {
	c.compared, c.state = map[compared]bool{}, before.state
	name := nameWithVersion(before)
	after := c.now.eventSuccessor(before)
	if after == nil {
		c.addFinding(EventRemoved, model.Pos{}, "", declined(before), "%s %s was removed", before.noun(), name)
		return
	}
	for _, alias := range before.Aliases {
		if alias != after.Name && !slices.Contains(after.Aliases, alias) {
			c.addFinding(EventRemoved, after.pos, "", "decline what is stored under it, until it is a dead letter", "%s %s: alias %s was removed", before.noun(), name, alias)
		}
	}
	if len(before.Fields) > 0 && len(after.Fields) > 0 && before.Type != after.Type && !shareField(before.Fields, after.Fields) {
		c.addFinding(NameReused, after.pos, "read the new "+before.noun()+" as it", "read what is stored as the new one", "%s was the name of another %s, %s", name, before.noun(), before.Type)
		return
	}
	if before.Key != after.Key {
		c.addFinding(KeyChanged, after.pos, "order new events by another field", "order old events by another field", "%s: the key was %s and is %s", name, orNone(before.Key), orNone(after.Key))
	}
	c.compareStructs(place{name + ": field ", after.pos}, Struct{"", before.Array, before.Fields}, Struct{"", after.Array, after.Fields}, entered{true, true})
}

// declined is what becomes of what is stored under a name or a version that is gone.
func declined(e Event) string {
	if e.state {
		return "decline the events of its keys, until they are dead letters"
	}
	return "decline what is stored of it, until it is a dead letter"
}

// eventSuccessor returns the event or the state that an old one is now, or nil.
func (f *File) eventSuccessor(before Event) *Event {
	for _, e := range f.all() {
		if e.state == before.state && e.Version == before.Version && (e.Name == before.Name || slices.Contains(e.Aliases, before.Name)) {
			return &e
		}
	}
	return nil
}

func nameWithVersion(e Event) string {
	if e.Version == 1 {
		return e.Name
	}
	return e.Name + " version " + strconv.Itoa(e.Version)
}

func orNone(key string) string {
	if key == "" {
		return "none"
	}
	return key
}

// shareField says that two structs have a field in common.
func shareField(before, after []Field) bool {
	return slices.ContainsFunc(before, func(f Field) bool { return fieldSuccessor(f, after) != nil })
}

// fieldSuccessor returns the field that stands for an old one now, or nil.
func fieldSuccessor(f Field, after []Field) *Field {
	for i := range after {
		if after[i].Name == f.Name || slices.Contains(after[i].Aliases, f.Name) {
			return &after[i]
		}
	}
	return nil
}

// place is where in an event something stands.
type place struct {
	path string // "ORDER_PLACED: field legs[]."
	pos  model.Pos
}

// entered says in which of two releases the validator looks at a struct.
type entered struct{ before, after bool }

// compareStructs compares two structs field by field. Rules that the old release did not ask are new.
func (c *comparison) compareStructs(at place, before, after Struct, in entered) {
	if before.Array != after.Array || before.Array && !sameOrder(before.Fields, after.Fields) {
		c.addFinding(FormChanged, at.pos, "take one field for another", "take one field for another", "%s: the form or order of its array changed", strings.TrimRight(strings.TrimSuffix(at.path, ": field "), "."))
		return
	}
	for _, f := range before.Fields {
		next := fieldSuccessor(f, after.Fields)
		if next == nil {
			c.addFinding(FieldRemoved, at.pos, c.missingToOldReaders(f, in), "ignore its value in old events", "%s%s was removed", at.path, f.Name)
			continue
		}
		here := place{at.path + next.Name, next.pos}
		if !here.pos.IsValid() {
			here.pos = at.pos
		}
		c.compareAliases(here, f, *next)
		c.compareValues(here, c.fieldSide(c.old, f, in.before), c.fieldSide(c.now, *next, in.after))
	}
	for _, f := range after.Fields {
		isNew := !slices.ContainsFunc(before.Fields, func(o Field) bool { return o.Name == f.Name || slices.Contains(f.Aliases, o.Name) })
		if isNew {
			c.compareRequired(at, f, in)
		}
	}
}

// compareAliases reports former names of a field that are no longer read, although stored events may have them.
func (c *comparison) compareAliases(at place, before, after Field) {
	for _, alias := range before.Aliases {
		if alias != after.Name && !slices.Contains(after.Aliases, alias) {
			c.addFinding(FieldRemoved, at.pos, "", "ignore its value in old events", "%s: alias %s was removed", at.path, alias)
		}
	}
}

// compareRequired tells of a new field whose zero value breaks rules: its own, or those of the values in it.
func (c *comparison) compareRequired(at place, f Field, in entered) {
	pos := f.pos
	if !pos.IsValid() {
		pos = at.pos
	}
	now := c.fieldSide(c.now, f, in.after)
	switch found := now.onZero(); found.Verdict {
	case rule.Refuses:
		c.addFinding(FieldRequired, pos, "", "refuse old events, which lack it", "%s%s is new, and %s refuses its zero value", at.path, f.Name, found)
	case rule.Depends:
		c.addFinding(FieldRequired, pos, "", "may refuse old events, which lack it", "%s%s is new, and %s may refuse its zero value", at.path, f.Name, found)
	}
}

// missingToOldReaders says what old readers make of an event without a field.
func (c *comparison) missingToOldReaders(f Field, in entered) string {
	if c.fieldSide(c.old, f, in.before).onZero().Verdict == rule.Refuses {
		return "refuse new events, which lack it"
	}
	return "read it as zero in new events"
}

// sameOrder says that the fields of before begin those of after.
func sameOrder(before, after []Field) bool {
	return len(before) <= len(after) && slices.EqualFunc(before, after[:len(before)], func(a, b Field) bool {
		return fieldSuccessor(a, []Field{b}) != nil
	})
}

// compareValues compares two types, and the rules of their values.
func (c *comparison) compareValues(at place, before, after side) {
	c.compareTypes(at, before, after)
	if text := newlyRefused(before, after); text != "" {
		c.addFinding(RuleNarrowed, at.pos, "", "refuse old events that break it", "%s: %s", at.path, text)
	}
}

func (c *comparison) compareTypes(at place, before, after side) {
	was, is := withoutPointers(before.typ), withoutPointers(after.typ)
	old, now := c.old.structOf(was), c.now.structOf(is)
	if old != nil && now != nil {
		in := entered{before.isEntered(), after.isEntered()}
		pair := compared{was, is, in}
		if !c.compared[pair] {
			c.compared[pair] = true
			c.compareStructs(place{at.path + ".", at.pos}, *old, *now, in)
		}
		return
	}
	head, key, elem := splitType(was)
	headNow, keyNow, elemNow := splitType(is)
	switch {
	case head == "" && headNow == "" && widensBasic(was, is) && old == nil && now == nil:
	case head != "" && head == headNow && withoutPointers(key) == withoutPointers(keyNow):
		suffix := "[]"
		if head == "map" {
			suffix = "[" + key + "]"
		}
		c.compareValues(place{at.path + suffix, at.pos}, before.elementSide(elem), after.elementSide(elemNow))
	default:
		c.addFinding(TypeChanged, at.pos, "refuse new events", "refuse old events", "%s was %s and is %s", at.path, was, is)
	}
}

func (f *File) structOf(name string) *Struct {
	for i := range f.Structs {
		if f.Structs[i].Name == name {
			return &f.Structs[i]
		}
	}
	return nil
}
