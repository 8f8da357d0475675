package check

import (
	"go/ast"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkReachable reports what the generated file of a package can't refer to, in its events and states and in the
// structs of other packages that they hold.
func (c *checker) checkReachable(p *model.Package) {
	for _, r := range rootStructs(p) {
		c.checksReachable(p, r)
		for _, o := range r.typ.Obstacles(p.Path) {
			d := obstacleDiag(p, r, o)
			if boundary, owner := c.foreignEnds(o.Way); boundary != nil {
				c.foreign.collectMistake(d.WithHint("%s", foreignHint(boundary)), owner.Desc)
				continue
			}
			c.addDiag(d)
		}
	}
}

// checksReachable reports cross-field rules of structs of other packages that generated code can't call. A shared
// struct has a validator in its own package.
func (c *checker) checksReachable(p *model.Package, r rootStruct) {
	parts := func(t *model.Type) []*model.Type {
		if t.SharedWith(p) {
			return nil
		}
		return t.Parts()
	}
	r.typ.Find(parts, func(t *model.Type) bool {
		if t.Path == p.Path || t.SharedWith(p) {
			return false
		}
		for _, check := range t.Checks {
			if t.Event == nil && !ast.IsExported(check.Name) {
				c.addDiag(diag.New(diag.Unreachable, check.Pos, t.Name+"."+check.Name, "the validators of package "+p.Name+" can't call it").
					WithHint("export it").WithRelated(r.pos, "%s holds it", r.goName))
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
func obstacleDiag(p *model.Package, r rootStruct, o model.Obstacle) diag.Diagnostic {
	pos, path, steps := r.pos, r.goName, []diag.Step{{Name: r.goName}}
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
