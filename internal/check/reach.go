package check

import (
	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// reachable reports what the generated file of a package can't refer to, in its events and in the
// structs of other packages that they hold.
func (c *checker) reachable(p *spec.Package) {
	for _, e := range p.Events {
		if e.Struct == nil || e.Struct.Kind != spec.Struct {
			continue
		}
		for _, o := range e.Struct.Obstacles(p.Path) {
			c.add(obstacle(p, e, o))
		}
	}
}

// obstacle tells of one at the innermost field of the package on the way to it.
func obstacle(p *spec.Package, e *spec.Event, o spec.Obstacle) diag.Diagnostic {
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
