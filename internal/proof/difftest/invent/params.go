package invent

import (
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/rule"
)

// param draws the parameter of a rule on a type, and says whether there is one.
func (g *gen) param(r *rule.Rule, d *structDef, t *typ) (param string, ok bool) {
	switch r.Param {
	case rule.Size:
		return g.size(t), true
	case rule.Value:
		return g.equal(t), true
	case rule.Literal:
		return g.fragment(), true
	case rule.Char:
		return pick(g, []string{"a", "ü", "日", "0x2C", "0x7C"}), true
	case rule.Words:
		return g.words(t), true
	case rule.Layout:
		return pick(g, []string{"2006-01-02", "15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "Mon0x2C 02 Jan 2006"}), true
	case rule.Path:
		return g.one(d.named(func(f *typ) bool { return f.pointed() == t }))
	case rule.Paths:
		names := d.named(func(*typ) bool { return true })
		if g.IntN(2) == 0 && len(names) > 0 {
			return pick(g, names) + " " + pick(g, names), true
		}
		return g.one(names)
	case rule.Pairs:
		return g.pair(d)
	}
	return "", true
}

func (g *gen) one(names []string) (string, bool) {
	if len(names) == 0 {
		return "", false
	}
	return pick(g, names), true
}

// size draws a number, or a duration, near which values lie.
func (g *gen) size(t *typ) string {
	n := g.IntN(6)
	switch {
	case t.is(rule.Time):
		return ""
	case t.is(rule.Duration):
		return pick(g, []string{"1s", "100ms", "1h30m", "5", "0", "-1s"})
	case t.is(rule.Float):
		return pick(g, []string{"0", "1", "0.5", "-1", "1.5", "1e3", "0.1", "3"})
	case t.is(rule.Int):
		return pick(g, []string{strconv.Itoa(n), strconv.Itoa(-n), "0x10", "100", "010", "-200", "200"})
	case t.is(rule.Uint):
		return pick(g, []string{strconv.Itoa(n), "0x10", "100", "255", "256"})
	}
	return strconv.Itoa(n)
}

func (g *gen) equal(t *typ) string {
	switch {
	case t.is(rule.Bool):
		return pick(g, []string{"true", "false"})
	case t.is(rule.Text):
		return g.fragment()
	}
	return g.size(t)
}

func (g *gen) fragment() string {
	return pick(g, []string{"a", "b", "abc", "ü", "0x2C", "0x7C", "x y", "A", "1", "日", "\"", "'", "\\", "%", "a=b", "{}"})
}

// words draws a list: text may be quoted.
func (g *gen) words(t *typ) string {
	pool := []string{"a", "abc", "buy", "sell", "EUR", "'two words'", "'a'", "ü", "x-y", "1"}
	switch {
	case t.is(rule.Int | rule.Duration):
		pool = []string{"0", "1", "2", "3", "5", "100", "300", "-1", "-4", "02"}
	case t.is(rule.Uint):
		pool = []string{"0", "1", "2", "3", "5", "100", "300"}
	}
	var words []string
	for range 1 + g.IntN(3) {
		words = append(words, pick(g, pool))
	}
	return strings.Join(words, " ")
}

// pair names a field and a value that it may have.
func (g *gen) pair(d *structDef) (string, bool) {
	var pairs []string
	for _, f := range d.fields {
		if f.name == "" || !isExported(f.name) {
			continue
		}
		switch t := f.typ.pointed(); {
		case t.is(rule.Text):
			pairs = append(pairs, f.name+" "+pick(g, []string{"a", "abc", "'two words'", "buy"}))
		case t.is(rule.Bool):
			pairs = append(pairs, f.name+" "+pick(g, []string{"true", "false"}))
		case t.is(rule.Number | rule.Duration | rule.Collection):
			pairs = append(pairs, f.name+" "+strconv.Itoa(g.IntN(4)))
		}
	}
	return g.one(pairs)
}

// named returns the names of the exported fields with such a type.
func (d *structDef) named(fits func(*typ) bool) []string {
	var names []string
	for _, f := range d.fields {
		if f.name != "" && isExported(f.name) && fits(f.typ) {
			names = append(names, f.name)
		}
	}
	return names
}
