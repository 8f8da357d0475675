package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// giveUpEvent reports a give-up handler that takes something else than one event. What is no event at all is told as of other
// handlers.
func (c *checker) giveUpEvent(f *model.Func, in *model.Param) (told bool) {
	if in.Role != model.RoleInterface && in.Role != model.RoleBatch {
		return false
	}
	c.addDiag(diag.New(diag.GiveUpForm, in.Pos, f.Name, "takes "+in.Desc+" in place of one event").
		WithHint("write a method for each event: %s(ctx context.Context, e *Event, why *necro.Death) error", f.Name))
	return true
}

// emissionsAt returns the place of the first parameter that may be an emission: behind the event, and behind the reason that a
// give-up handler takes. It reports one that takes none.
func (c *checker) emissionsAt(f *model.Func) int {
	at := f.EventAt() + 1
	if f.Directive.Verb != directive.GiveUp {
		return at
	}
	if at < len(f.Params) && f.Params[at].Role == model.RoleDeath {
		return at + 1
	}
	pos, written := f.Pos, -1
	if written = slices.IndexFunc(f.Params, func(p *model.Param) bool { return p.Role == model.RoleDeath }); written >= 0 {
		pos = f.Params[written].Pos
	}
	hint := "write " + f.Name + "(ctx context.Context, e *Event, why *necro.Death) error"
	if written >= 0 {
		hint = "the order is context, state, event, why, emissions: " + f.Name + inItsOrder(f)
	}
	c.addDiag(diag.New(diag.GiveUpForm, pos, f.Name, "takes no *necro.Death behind its event").WithHint("%s", hint))
	return len(f.Params)
}

// checkGiveUps reports give-up handlers of an organ that are never called: of events that it does not handle, and second ones.
func (c *checker) checkGiveUps(o *model.Organ) {
	for i, h := range o.GiveUps {
		if !slices.ContainsFunc(o.Handlers, func(other *model.Handler) bool { return other.Event == h.Event }) {
			c.addDiag(diag.New(diag.GiveUpUnhandled, h.Pos, h.Method, h.Event.Name, o.Name).
				WithHint("handle %s in %s, with //necro:handle, or move %s to the organ that does", h.Event.GoName, o.GoName, h.Method))
		}
		for _, other := range o.GiveUps[:i] {
			if other.Event == h.Event {
				c.addDiag(diag.New(diag.TwoGiveUps, h.Pos, o.Name, h.Event.Name).
					WithHint("keep one of the two: it may emit several events").
					WithRelated(other.Pos, "first given up here"))
				break
			}
		}
	}
}
