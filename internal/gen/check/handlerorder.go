package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// noContext reports a handler whose first parameter is something else.
func (c *checker) noContext(f *model.Func) {
	pos := f.Pos
	if len(f.Params) > 0 {
		pos = f.Params[0].Pos
	}
	out := diag.New(diag.HandlerContext, pos, f.Name)
	at := slices.IndexFunc(f.Params, func(p *model.Param) bool { return p.Role == model.RoleContext })
	event := slices.IndexFunc(f.Params, func(p *model.Param) bool { return p.Role == model.RoleEvent })
	switch {
	case at > 0:
		out = out.WithHint("the order is %s: %s%s", orderText(f), f.Name, inItsOrder(f))
	case event >= 0:
		out = out.WithHint("write func (…) %s(ctx context.Context, e %s) error", f.Name, f.Params[event].Desc)
	default:
		out = out.WithHint("write func (…) %s(ctx context.Context, e Event) error", f.Name)
	}
	c.addDiag(out)
}

// inOrder says that no event stands behind an emission.
func inOrder(f *model.Func) bool {
	second := f.Params[1].Role
	late := slices.ContainsFunc(f.Params[2:], func(p *model.Param) bool { return p.Role == model.RoleEvent })
	return !late || second != model.RoleEmit && second != model.RoleOut && second != model.RoleTimer && second != model.RoleUndo && second != model.RoleContext
}

// orderText says in which order a handler has its parameters.
func orderText(f *model.Func) string {
	if slices.ContainsFunc(f.Params, func(p *model.Param) bool { return p.Role == model.RoleState }) {
		return "context, state, event, emissions"
	}
	return "context, event, emissions"
}

// inItsOrder writes the types of the parameters in the order that a handler has them in.
func inItsOrder(f *model.Func) string {
	rank := func(p *model.Param) int {
		switch p.Role {
		case model.RoleContext:
			return 0
		case model.RoleState:
			return 1
		case model.RoleEvent, model.RoleInterface, model.RoleBatch:
			return 2
		case model.RoleDeath:
			return 3
		}
		return 4
	}
	sorted := slices.Clone(f.Params)
	slices.SortStableFunc(sorted, func(a, b *model.Param) int { return rank(a) - rank(b) })
	return "(" + typeTexts(sorted) + ")"
}

func typeTexts(params []*model.Param) string {
	var words []string
	for _, p := range params {
		words = append(words, p.Desc)
	}
	return strings.Join(words, ", ")
}
