package source

import (
	"go/ast"
	"go/types"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// problemsOf returns what the type checker says inside the declaration of a type: a field that
// is there twice, a map key that can't be compared. Such a type is known, but code for it would
// not compile.
func (l *loader) problemsOf(obj *types.TypeName) []model.Problem {
	var problems []model.Problem
	for _, u := range l.units {
		if u.pkg != obj.Pkg() || len(u.errors) == 0 {
			continue
		}
		decl := u.declarationOf(obj)
		for _, e := range u.errors {
			if decl != nil && decl.Pos() <= e.Pos && e.Pos < decl.End() {
				problems = append(problems, model.Problem{Pos: l.positionOf(e.Pos), Message: e.Msg})
			}
		}
	}
	return problems
}

// declarationOf finds where a type is declared at package level.
func (u *unit) declarationOf(obj *types.TypeName) *ast.TypeSpec {
	for _, f := range u.files {
		for _, decl := range f.ast.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || obj.Pos() < gen.Pos() || gen.End() <= obj.Pos() {
				continue
			}
			for _, s := range gen.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.Pos() == obj.Pos() {
					return ts
				}
			}
		}
	}
	return nil
}
