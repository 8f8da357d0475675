package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// reference is a type as a signature writes it, "*shop.Order" or "necro.Emit[Order]", without the signs around
// its name.
type reference struct {
	pkg  string // as it is imported; empty for a type of the same package
	name string
}

func referenceOf(desc string) reference {
	for { // necro.Emit[necro.Out[X]] names X
		desc = strings.TrimLeft(desc, "*[].")
		_, inner, ok := strings.Cut(desc, "[")
		if !ok || !strings.HasSuffix(inner, "]") {
			break
		}
		desc = strings.TrimSuffix(inner, "]")
	}
	if pkg, name, ok := strings.Cut(desc, "."); ok {
		return reference{pkg, name}
	}
	return reference{"", desc}
}

func (r reference) String() string {
	if r.pkg == "" {
		return r.name
	}
	return r.pkg + "." + r.name
}

// packageOf finds the package of a reference among those that were loaded, or returns nil. One
// that is imported under another name is not found.
func (c *checker) packageOf(from *model.Package, r reference) *model.Package {
	for _, p := range c.topology.Packages {
		if r.pkg == "" && p.Path == from.Path || r.pkg != "" && p.Name == r.pkg && !p.Test {
			if _, declared := p.Names[r.name]; declared || c.rejectedDirective(p, r.name) != nil {
				return p
			}
		}
	}
	return nil
}

// isToldElsewhere reports whether the fault of a type is told elsewhere, so that the checks of events and organs
// say nothing: its directive is not used, or its package does not parse.
func (c *checker) isToldElsewhere(from *model.Package, desc string) bool {
	r := referenceOf(desc)
	if r.pkg != "" && slices.ContainsFunc(c.topology.Packages, func(p *model.Package) bool {
		return p.Name == r.pkg && p.Root && p.Broken
	}) {
		return true
	}
	p := c.packageOf(from, r)
	return p != nil && p.Root && c.rejectedDirective(p, r.name) != nil
}

// noEvent adds to a diagnostic about a type that is no event how it might become one: with the
// event that was probably meant, or with the place of its declaration.
func (c *checker) noEvent(from *model.Package, d diag.Diagnostic, desc string) diag.Diagnostic {
	r := referenceOf(desc)
	p := c.packageOf(from, r)
	if p == nil || codedOf(p, r.name) != nil || organOf(p, r.name) != nil {
		return d
	}
	if wrong := c.rejectedDirective(p, r.name); wrong != nil {
		return d.WithHint("its directive is not used: run necrogen for package %s", p.Path).
			WithRelated(wrong.Pos, "the directive")
	}
	return d.WithHint("mark %s with //necro:event", r.name).WithRelated(p.Names[r.name], "%s is declared here", r.name)
}

// nearEvent returns the event, or the state of the same package, that a misspelt type name was probably meant for, as it would be
// written; "" when there is none.
func (c *checker) nearEvent(from *model.Package, desc string) string {
	r := referenceOf(desc)
	renamed := !slices.ContainsFunc(c.topology.Packages, func(p *model.Package) bool { return p.Name == r.pkg })
	var names []string
	for _, e := range append(c.allEvents(), c.statesOf(from.Path)...) {
		switch {
		case r.pkg == "" && e.Path == from.Path:
			names = append(names, e.GoName)
		case r.pkg == "" && e.GoName == r.name:
			return reference{e.PkgName, e.GoName}.String()
		case r.pkg != "" && e.Path != from.Path && (renamed || r.pkg == e.PkgName):
			names = append(names, reference{r.pkg, e.GoName}.String())
		}
	}
	return spelling.Nearest(r.String(), names)
}
