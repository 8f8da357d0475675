package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// shownForeign is how many mistakes in types of other modules are told in full for one field.
const shownForeign = 3

// foreignMistake is one in a type of another module, which the user can't mend there.
type foreignMistake struct {
	diag  diag.Diagnostic
	owner string // the type that has it
}

// foreign collects the mistakes in types of other modules by the field of this module that leads
// to them. All of them have one remedy, at that field.
type foreign struct {
	places   []model.Pos // in the order in which they were met
	mistakes map[model.Pos][]foreignMistake
}

// collectMistake keeps the first mistake of a kind in a type, for each field that leads there.
func (f *foreign) collectMistake(d diag.Diagnostic, owner string) {
	if f.mistakes == nil {
		f.mistakes = map[model.Pos][]foreignMistake{}
	}
	known, met := f.mistakes[d.Pos]
	if !met {
		f.places = append(f.places, d.Pos)
	}
	again := func(m foreignMistake) bool { return m.owner == owner && m.diag.Code == d.Code }
	if !slices.ContainsFunc(known, again) {
		f.mistakes[d.Pos] = append(known, foreignMistake{d, owner})
	}
}

// foreignMistakes reports the collected mistakes: the first ones in full, and with the last of them the types
// that have the others, so that one run tells all and a field has few messages.
func (c *checker) foreignMistakes() {
	for _, pos := range c.foreign.places {
		found := c.foreign.mistakes[pos]
		shown := min(len(found), shownForeign)
		for i, m := range found[:shown] {
			if rest := found[shown:]; i == shown-1 && len(rest) > 0 {
				m.diag = m.diag.WithHint("%s; the same goes for %s", m.diag.Hint, listOwners(rest))
			}
			c.addDiag(m.diag)
		}
	}
	c.foreign = foreign{}
}

// listOwners lists the types that have some mistakes.
func listOwners(mistakes []foreignMistake) string {
	var names []string
	for _, m := range mistakes {
		names = append(names, m.owner)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// addAtField reports a mistake. One in a type of another module is collected for the field that leads to
// that type, with a hint that the user can follow.
func (w walk) addAtField(d diag.Diagnostic) {
	if w.owner == nil {
		w.checker.addDiag(d)
		return
	}
	d.Pos = w.pos
	hint := foreignHint(w.boundary)
	if isRule(d.Code) {
		hint = "the type belongs to another module: skip its rules with `validate:\"-\"`, or copy what you need into a struct of your own"
	}
	d.Related = slices.DeleteFunc(slices.Clone(d.Related), func(r diag.Related) bool { return !r.Pos.IsValid() })
	w.foreign.collectMistake(d.WithHint("%s", hint), w.owner.Desc)
}

// isRule says that a diagnostic is about a validate tag.
func isRule(code diag.Code) bool {
	return code >= diag.UnknownRule && code <= diag.RuleUnreachable || code == diag.SkippedRules
}

// foreignHint says what to do about a type of another module that can't be encoded as it is.
func foreignHint(t *model.Type) string {
	if slices.Contains(t.Methods, "MarshalJSON") && slices.Contains(t.Methods, "UnmarshalJSON") {
		return "the type belongs to another module: wrap it in a type of your own whose MarshalText and UnmarshalText call its MarshalJSON and UnmarshalJSON"
	}
	return "the type belongs to another module: copy what you need into a struct of your own, or wrap it in a type with MarshalBinary and UnmarshalBinary, or MarshalText and UnmarshalText"
}
