package templates

import (
	"go/ast"

	"github.com/dave/jennifer/jen"
)

func exportedName(name string) bool { return ast.IsExported(name) }

// shapeGuard makes a struct that was changed since the file was generated fail to compile. The
// conversion ignores tags, and costs nothing when the program runs.
//
//	// OrderPlaced has changed when this does not compile: run go generate.
//	var _ = (*OrderPlaced)((*struct {
//		OrderID string
//		Amount  float64
//	})(nil))
//
// A struct with something that this package can't name has no guard: unexported fields and
// types of another package. A struct of another module has none either, because an application
// can take a newer version of that module, but can't generate the libraries between the two:
// necrogen check compares such structs where the file is generated.
func (g *generator) shapeGuard(f *jen.File, o *object) {
	name := g.goType(o.typ)
	fields := g.structType(o.typ, false)
	if name == nil || fields == nil || o.typ.Name == "" || o.typ.Module != g.pkg.Module || g.hasHiddenFields(o) {
		return
	}
	f.Commentf("%s has changed when this does not compile: run go generate.", o.typ.Name)
	f.Var().Id("_").Op("=").Parens(jen.Op("*").Add(name)).
		Parens(jen.Parens(jen.Op("*").Add(fields)).Parens(jen.Nil()))
	f.Line()
}

// hasHiddenFields reports whether a struct of another package has unexported fields.
func (g *generator) hasHiddenFields(o *object) bool {
	if o.typ.Path == g.pkg.Path {
		return false
	}
	for _, f := range o.typ.Fields {
		if !exportedName(f.Name) {
			return true
		}
	}
	return false
}
