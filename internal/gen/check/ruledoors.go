package check

import (
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// judgeDoors reports a field whose value is valid when it is published and not when it is read, because
// it is left out or filled in between: such an event is stored, and becomes a dead letter.
func (w walk) judgeDoors(parent *model.Type, f *model.Field) {
	switch {
	case isOpenedByReading(parent, f):
		w.judgeOpened(f)
	case f.Skip && (f.Exported || f.Embedded):
		w.judgeUnencoded(f)
	case f.OmitEmpty && (f.Type.Under() == model.Slice || f.Type.Under() == model.Map):
		w.judgeOmitted(f)
	}
}

// judgeUnencoded judges a field that readers find empty.
func (w walk) judgeUnencoded(f *model.Field) {
	found := rule.OnZero(f.Type, f.Rules)
	if f.Type.Pointed().Valuer || found.Verdict == rule.Takes || found.Verdict == rule.Depends && found.Path != "" {
		return
	}
	does := "refuses that"
	if found.Verdict == rule.Depends {
		does = "may refuse that"
	}
	w.addWithWay(diag.New(diag.RuleUnencoded, w.pos, w.path, found.String(), does).
		WithHint("encode the field, or take the rule away and ask before it is published"))
}

// judgeOmitted judges a slice or a map that readers find nil when it was empty.
func (w walk) judgeOmitted(f *model.Field) {
	missing, empty := rule.OnZero(f.Type, f.Rules), rule.OnEmpty(f.Type, f.Rules)
	if missing.Verdict <= empty.Verdict {
		return
	}
	hint := "add min=1, which refuses both, or leave out omitempty"
	if missing.Verdict == rule.Depends {
		hint = "leave out omitempty"
	}
	what := "slice"
	if f.Type.Under() == model.Map {
		what = "map"
	}
	w.addWithWay(diag.New(diag.RuleOmitted, w.pos, w.path, what, missing.String()).WithHint("%s", hint))
}

// isOpenedByReading says whether readers find an embedded pointer set that was nil when it was written: its
// fields are written as nil then, and a reader makes the struct to put them into. A struct that omits
// fields omits these as well.
func isOpenedByReading(parent *model.Type, f *model.Field) bool {
	return f.Inline && f.Type.Kind == model.Pointer && len(f.Type.Pointed().WireFields()) > 0 && !parent.Omits()
}

// judgeOpened judges an embedded pointer that is nil, and the zero struct that readers find in its place.
func (w walk) judgeOpened(f *model.Field) {
	missing, zero := rule.OnZero(f.Type, f.Rules), rule.OnEmpty(f.Type, f.Rules)
	if missing.Verdict >= zero.Verdict || zero.Verdict == rule.Depends && zero.Path != "" {
		return
	}
	does := "refuses that"
	if zero.Verdict == rule.Depends {
		does = "may refuse that"
	}
	w.addWithWay(diag.New(diag.RuleOpened, w.pos, w.path, zero.String(), does).WithHint("%s", openedHint))
}

const openedHint = `refuse nil by validate:"required" on the embedded pointer, or embed the struct by value`

// judgeCompared reports a rule that may be kept beside an embedded pointer that is nil, and broken beside
// the zero struct that readers find in its place.
func (r ruled) judgeCompared(one *model.Rule, w model.Word, breaks func(named *model.Field, itself bool) bool) {
	t, behind := r.parent, (*model.Field)(nil)
	var named *model.Field
	for step := range strings.SplitSeq(w.Text, ".") {
		for _, f := range t.Selected(step) {
			if behind == nil && isOpenedByReading(t, f) && rule.OnZero(f.Type, f.Rules).Verdict != rule.Refuses {
				behind = f
			}
			named, t = f, f.Type.Pointed()
		}
	}
	if behind == nil || !breaks(named, named == behind) {
		return
	}
	r.addOnWay(diag.New(diag.RuleOpened, r.wordPos(w, one.Pos), behind.Name, one.Name+"="+w.Text, "compares with it").
		WithHint("%s", openedHint).WithRelated(behind.Pos, "the embedded pointer"))
}

// zeroWord says whether a condition's word is the zero value of a field.
func zeroWord(t *model.Type, word string) bool {
	if rule.Of(t)&rule.Text != 0 {
		return word == ""
	}
	return word == "0" || word == "false" || word == "nil"
}
