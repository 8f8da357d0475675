package invent

import (
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/rule"
)

// drawParam draws the parameter of a rule on a type, and says whether there is one.
func (g *gen) drawParam(r *rule.Rule, d *structDef, t *typ) (param string, ok bool) {
	switch r.Param {
	case rule.Size:
		return g.drawSize(t), true
	case rule.Value:
		return g.drawEqual(t), true
	case rule.Literal:
		return g.drawFragment(), true
	case rule.Char:
		return pickOne(g, []string{"a", "ü", "日", "0x2C", "0x7C"}), true
	case rule.Words:
		return g.drawWords(t), true
	case rule.Layout:
		return pickOne(g, []string{"2006-01-02", "15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "Mon0x2C 02 Jan 2006"}), true
	case rule.Path:
		return g.drawOne(d.fieldsThat(func(f *typ) bool { return f.withoutPointers() == t }))
	case rule.Paths:
		names := d.fieldsThat(func(*typ) bool { return true })
		if g.IntN(2) == 0 && len(names) > 0 {
			return pickOne(g, names) + " " + pickOne(g, names), true
		}
		return g.drawOne(names)
	case rule.Pairs:
		return g.drawPair(d)
	}
	return "", true
}

func (g *gen) drawOne(names []string) (string, bool) {
	if len(names) == 0 {
		return "", false
	}
	return pickOne(g, names), true
}

// drawSize draws a number, or a duration, near which values lie.
func (g *gen) drawSize(t *typ) string {
	n := g.IntN(6)
	switch {
	case t.isKind(rule.Time):
		return ""
	case t.isKind(rule.Duration):
		return pickOne(g, []string{"1s", "100ms", "1h30m", "5", "0", "-1s"})
	case t.isKind(rule.Float):
		return pickOne(g, []string{"0", "1", "0.5", "-1", "1.5", "1e3", "0.1", "3"})
	case t.isKind(rule.Int):
		return pickOne(g, []string{strconv.Itoa(n), strconv.Itoa(-n), "0x10", "100", "010", "-200", "200"})
	case t.isKind(rule.Uint):
		return pickOne(g, []string{strconv.Itoa(n), "0x10", "100", "255", "256"})
	}
	return strconv.Itoa(n)
}

func (g *gen) drawEqual(t *typ) string {
	switch {
	case t.isKind(rule.Bool):
		return pickOne(g, []string{"true", "false"})
	case t.isKind(rule.Text):
		return g.drawFragment()
	}
	return g.drawSize(t)
}

func (g *gen) drawFragment() string {
	return pickOne(g, []string{"a", "b", "abc", "ü", "0x2C", "0x7C", "x y", "A", "1", "日", "\"", "'", "\\", "%", "a=b", "{}"})
}

// drawWords draws a list: text may be quoted.
func (g *gen) drawWords(t *typ) string {
	pool := []string{"a", "abc", "buy", "sell", "EUR", "'two words'", "'a'", "ü", "x-y", "1"}
	switch {
	case t.isKind(rule.Int | rule.Duration):
		pool = []string{"0", "1", "2", "3", "5", "100", "300", "-1", "-4", "02"}
	case t.isKind(rule.Uint):
		pool = []string{"0", "1", "2", "3", "5", "100", "300"}
	}
	var words []string
	for range 1 + g.IntN(3) {
		words = append(words, pickOne(g, pool))
	}
	return strings.Join(words, " ")
}

// drawPair names a field and a value that it may have.
func (g *gen) drawPair(d *structDef) (string, bool) {
	var pairs []string
	for _, f := range d.fields {
		if f.name == "" || !isExported(f.name) {
			continue
		}
		switch t := f.typ.withoutPointers(); {
		case t.isKind(rule.Text):
			pairs = append(pairs, f.name+" "+pickOne(g, []string{"a", "abc", "'two words'", "buy"}))
		case t.isKind(rule.Bool):
			pairs = append(pairs, f.name+" "+pickOne(g, []string{"true", "false"}))
		case t.isKind(rule.Number | rule.Duration | rule.Collection):
			pairs = append(pairs, f.name+" "+strconv.Itoa(g.IntN(4)))
		}
	}
	return g.drawOne(pairs)
}

// fieldsThat returns the names of the exported fields with such a type.
func (d *structDef) fieldsThat(fits func(*typ) bool) []string {
	var names []string
	for _, f := range d.fields {
		if f.name != "" && isExported(f.name) && fits(f.typ) {
			names = append(names, f.name)
		}
	}
	return names
}
