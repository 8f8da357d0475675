package check

import (
	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/rule"
	"github.com/necrostack/necrogen/internal/spec"
)

// doors reports a field whose value is valid when it is published and not when it is read, because
// it is left out in between: such an event is stored, and becomes a dead letter.
func (w walk) doors(f *spec.Field) {
	switch {
	case f.Skip && (f.Exported || f.Embedded):
		w.unencoded(f)
	case f.OmitEmpty && (f.Type.Under() == spec.Slice || f.Type.Under() == spec.Map):
		w.omitted(f)
	}
}

// unencoded judges a field that readers find empty.
func (w walk) unencoded(f *spec.Field) {
	found := rule.OnZero(f.Type, f.Rules)
	if f.Type.Pointed().Valuer || found.Verdict == rule.Takes || found.Verdict == rule.Depends && found.Path != "" {
		return
	}
	does := "refuses that"
	if found.Verdict == rule.Depends {
		does = "may refuse that"
	}
	w.tell(diag.New(diag.RuleUnencoded, w.pos, w.path, found.String(), does).
		WithHint("encode the field, or take the rule away and ask before it is published"))
}

// omitted judges a slice or a map that readers find nil when it was empty.
func (w walk) omitted(f *spec.Field) {
	missing, empty := rule.OnZero(f.Type, f.Rules), rule.OnEmpty(f.Type, f.Rules)
	if missing.Verdict <= empty.Verdict {
		return
	}
	hint := "add min=1, which refuses both, or leave out omitempty"
	if missing.Verdict == rule.Depends {
		hint = "leave out omitempty"
	}
	what := "slice"
	if f.Type.Under() == spec.Map {
		what = "map"
	}
	w.tell(diag.New(diag.RuleOmitted, w.pos, w.path, what, missing.String()).WithHint("%s", hint))
}
