package check

import (
	"maps"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkOrgans judges the organs of a package.
func (c *checker) checkOrgans(p *model.Package) {
	for _, o := range p.Organs {
		if o.NotStruct {
			c.addDiag(diag.New(diag.WrongTarget, o.Directive.Pos, directive.Organ, belongs[directive.Organ], o.GoName+", which is none").
				WithHint("declare a struct with what it needs: type %s struct{ … }", o.GoName))
		}
		c.checkContradictions(p, o)
		for _, name := range model.OrganMethods {
			if pos, taken := p.Methods[o.GoName][name]; taken {
				c.addDiag(diag.New(diag.MethodTaken, pos, o.GoName, name).WithHint("rename it").
					WithRelated(o.Pos, "the organ"))
			}
		}
		if !o.NotStruct && !c.annotatedHandlers(o) {
			c.noHandlers(p, o)
		}
		c.oneHandlerEach(o)
		c.checkGiveUps(o)
	}
}

// noHandlers reports an organ that nothing would ever call.
func (c *checker) noHandlers(p *model.Package, o *model.Organ) {
	if unusedOnMethod(p, o.GoName) {
		return // it was meant to be one, and is told there
	}
	out := diag.New(diag.NoHandlers, o.Pos, o.Name)
	if len(p.Methods[o.GoName]) == 0 {
		c.addDiag(out.WithHint("write func (o *%s) Handle(ctx context.Context, e Event) error below //necro:handle", o.GoName))
		return
	}
	out = out.WithHint("mark its methods with //necro:handle")
	for _, name := range slices.Sorted(maps.Keys(p.Methods[o.GoName])) {
		out = out.WithRelated(p.Methods[o.GoName][name], "%s has no directive", name)
	}
	c.addDiag(out)
}

// annotatedHandlers says whether the organ has a method with //necro:handle, right or wrong, in a test file,
// too: a fault of the method is told there.
func (c *checker) annotatedHandlers(o *model.Organ) bool {
	return slices.ContainsFunc(c.topology.Packages, func(p *model.Package) bool {
		return p.Path == o.Path && slices.ContainsFunc(p.Funcs, func(f *model.Func) bool {
			return f.Recv == o.GoName && f.Directive.Verb == directive.Handle
		})
	})
}

// oneHandlerEach reports events that an organ handles twice. Two interface handlers may share
// many: the first one is enough to tell.
func (c *checker) oneHandlerEach(o *model.Organ) {
	first := map[*model.Event]*model.Handler{}
	told := map[[2]*model.Func]bool{}
	for _, h := range o.Handlers {
		other := first[h.Event]
		if other == nil {
			first[h.Event] = h
			continue
		}
		if pair := [2]*model.Func{other.Func, h.Func}; !told[pair] {
			told[pair] = true
			c.addDiag(diag.New(diag.TwoHandlers, h.Pos, o.Name, h.Event.Name).
				WithHint("an organ handles an event once; a second handler belongs to an organ of its own").
				WithRelated(other.Pos, "first handled here"))
		}
	}
}

// uniqueOrgans judges names over everything that was loaded together.
func (c *checker) uniqueOrgans() {
	names := map[string]*model.Organ{}
	organs := c.allOrgans()
	for _, o := range organs {
		if other := names[o.Name]; other != nil {
			c.addDiag(diag.New(diag.DuplicateOrgan, o.NamePos, o.Name).
				WithHint("give one of them a name: //necro:organ NAME").
				WithRelated(other.NamePos, "first declared here, by %s", other.GoName))
			continue
		}
		names[o.Name] = o
	}
	var all []aliased
	for _, o := range organs {
		all = append(all, aliased{"organ", o.Name, o.NamePos, o.Directive})
	}
	c.checkAliases(all)
}

// allOrgans returns the organs of all packages, those of roots last.
func (c *checker) allOrgans() []*model.Organ {
	var organs []*model.Organ
	for _, root := range []bool{false, true} {
		for _, p := range c.topology.Packages {
			if p.Root == root {
				organs = append(organs, p.Organs...)
			}
		}
	}
	return organs
}
