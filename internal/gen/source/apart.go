package source

import (
	"go/ast"
	"go/parser"
	"slices"
)

// namesApart records what files of the package declare that are compiled with the generated file, but
// not here and now: test files, and files for other systems or with other build tags.
func (b *builder) namesApart() {
	u, p := b.unit, b.unit.listed
	for _, f := range readFiles(p.Dir, slices.Concat(p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles), false) {
		if slices.ContainsFunc(u.files, func(own *file) bool { return own.path == f.path }) {
			continue
		}
		tree, _ := parser.ParseFile(b.fset, f.path, f.content, parser.SkipObjectResolution)
		if tree == nil || tree.Name == nil || tree.Name.Name != u.name {
			continue
		}
		for _, decl := range tree.Decls {
			for _, id := range declaredNames(decl) {
				u.model.Apart[id.Name] = b.positionOf(id.Pos())
			}
		}
	}
}

// declaredNames returns the names of a declaration at package level, without methods.
func declaredNames(decl ast.Decl) []*ast.Ident {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			return []*ast.Ident{decl.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, s := range decl.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name)
			case *ast.ValueSpec:
				names = append(names, s.Names...)
			}
		}
		return names
	}
	return nil
}
