package templates

import (
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// reference is a field that a rule names by its Go path: "Total", or "Price.Amount".
type reference struct {
	value
	wire string    // its path on the wire
	mid  condition // a pointer on the way to it is nil
	end  condition // it is a pointer itself, and nil
}

// referField finds a field of the struct that the rule stands in.
func (l *level) referField(path string) reference {
	return l.g.findField(value{t: l.parent, at: receiver()}, path)
}

// findField finds a field of a struct.
func (g *generator) findField(from value, path string) reference {
	ref := reference{value: from, mid: impossible, end: impossible}
	var last *model.Field
	for name := range strings.SplitSeq(path, ".") {
		selected := ref.t.Selected(name)
		if selected == nil {
			g.keepError("%s has no field %s", ref.t.Desc, name)
			return ref
		}
		for _, f := range selected {
			g.enterField(&ref, f)
			last = f
		}
	}
	if last.Inline { // it has no name on the wire
		ref.wire = joinPath(ref.wire, last.Name)
	}
	return ref
}

// enterField goes to a field, and through its pointers.
func (g *generator) enterField(ref *reference, f *model.Field) {
	if !f.Inline {
		ref.wire = joinPath(ref.wire, fieldPath(f))
	}
	at := ref.at
	if selectors := g.fieldSelectors(f); selectors != nil {
		at = at.field(selectors)
	}
	ref.mid = anyOf(ref.mid, ref.end)
	ref.value, ref.end = followPointers(f.Type, at)
}

// joinPath puts two paths together, of which either may be empty.
func joinPath(outer, inner string) string { return strings.Trim(outer+"."+inner, ".") }

// fieldSelectors is how a field is reached; an embedded struct that this package can't name is reached
// by promotion.
func (g *generator) fieldSelectors(f *model.Field) []string {
	if f.Embedded {
		return g.embeddedSelector(f)
	}
	return []string{f.Name}
}

// missing holds when there is no value.
func (ref reference) missing() condition { return anyOf(ref.mid, ref.end) }
