package check

import (
	"go/ast"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkReachable reports what the generated file of a package can't refer to, in its events and states and in the
// structs of other packages that they hold.
func (c *checker) checkReachable(p *model.Package) {
	for _, e := range p.Coded() {
		if e.Struct == nil || e.Struct.Kind != model.Struct {
			continue
		}
		c.checksReachable(p, e)
		for _, o := range e.Struct.Obstacles(p.Path) {
			d := obstacleDiag(p, e, o)
			if boundary, owner := c.foreignEnds(o.Way); boundary != nil {
				c.foreign.collectMistake(d.WithHint("%s", foreignHint(boundary)), owner.Desc)
				continue
			}
			c.addDiag(d)
		}
	}
}

// checksReachable reports cross-field rules of structs of other packages that generated code can't call.
func (c *checker) checksReachable(p *model.Package, e *model.Event) {
	e.Struct.Find((*model.Type).Parts, func(t *model.Type) bool {
		if t.Path == p.Path {
			return false
		}
		for _, check := range t.Checks {
			if t.Event == nil && !ast.IsExported(check.Name) {
				c.addDiag(diag.New(diag.Unreachable, check.Pos, t.Name+"."+check.Name, "the validators of package "+p.Name+" can't call it").
					WithHint("export it").WithRelated(e.Pos, "%s holds it", e.GoName))
			}
		}
		return false
	})
}

// foreignEnds returns the first and the last type on a way whose source is of another module; nil when
// there is none.
func (c *checker) foreignEnds(way []model.Way) (boundary, owner *model.Type) {
	for _, s := range way {
		if t := s.Type.Pointed(); t.Path != "" && !c.isFromSource(t.Path) {
			if owner = t; boundary == nil {
				boundary = t
			}
		}
	}
	return boundary, owner
}

// obstacleDiag tells of one at the innermost field of the package on the way to it.
func obstacleDiag(p *model.Package, e *model.Event, o model.Obstacle) diag.Diagnostic {
	pos, path, steps := e.Pos, e.GoName, []diag.Step{{Name: e.GoName}}
	for _, s := range o.Way {
		path += s.Name
		steps = append(steps, diag.Step{Name: s.Name, Type: s.Type.Desc})
		if s.Field != nil && s.Field.Path == p.Path && s.Field.Pos.IsValid() {
			pos = s.Field.Pos
		}
	}
	var d diag.Diagnostic
	switch {
	case o.Rules:
		last := o.Way[len(o.Way)-1]
		d = diag.New(diag.RuleUnreachable, pos, path, last.Type.Pointed().Desc).
			WithHint("export the type, or hold it in a field with a name")
	case o.Hidden:
		d = diag.New(diag.Unreachable, pos, path, o.Why).
			WithHint("rename the field, or export the embedded type")
	default:
		d = diag.New(diag.Unreachable, pos, path, o.Why).
			WithHint("generated code must name it: export it, or move the event into its package")
	}
	return d.WithPath(steps...)
}
