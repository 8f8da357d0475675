package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// noContext reports a handler whose first parameter is something else.
func (c *checker) noContext(f *spec.Func) {
	pos := f.Pos
	if len(f.Params) > 0 {
		pos = f.Params[0].Pos
	}
	out := diag.New(diag.HandlerContext, pos, f.Name)
	at := slices.IndexFunc(f.Params, func(p *spec.Param) bool { return p.Role == spec.RoleContext })
	event := slices.IndexFunc(f.Params, func(p *spec.Param) bool { return p.Role == spec.RoleEvent })
	switch {
	case at > 0:
		out = out.WithHint("the order is context, event, emissions: %s%s", f.Name, inItsOrder(f))
	case event >= 0:
		out = out.WithHint("write func (…) %s(ctx context.Context, e %s) error", f.Name, f.Params[event].Desc)
	default:
		out = out.WithHint("write func (…) %s(ctx context.Context, e Event) error", f.Name)
	}
	c.addDiag(out)
}

// inOrder says that no event stands behind an emission.
func inOrder(f *spec.Func) bool {
	second := f.Params[1].Role
	late := slices.ContainsFunc(f.Params[2:], func(p *spec.Param) bool { return p.Role == spec.RoleEvent })
	return !late || second != spec.RoleEmit && second != spec.RoleOut && second != spec.RoleContext
}

// inItsOrder writes the types of the parameters in the order that a handler has them in.
func inItsOrder(f *spec.Func) string {
	rank := func(p *spec.Param) int {
		switch p.Role {
		case spec.RoleContext:
			return 0
		case spec.RoleEvent, spec.RoleInterface, spec.RoleBatch:
			return 1
		}
		return 2
	}
	sorted := slices.Clone(f.Params)
	slices.SortStableFunc(sorted, func(a, b *spec.Param) int { return rank(a) - rank(b) })
	return "(" + typeTexts(sorted) + ")"
}

func typeTexts(params []*spec.Param) string {
	var words []string
	for _, p := range params {
		words = append(words, p.Desc)
	}
	return strings.Join(words, ", ")
}
