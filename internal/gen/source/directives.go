package source

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/token"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// target is a declaration that a directive stands on.
type target struct {
	model.Target
	typ *ast.TypeSpec
	fun *ast.FuncDecl
}

// placed is a directive with its declaration.
type placed struct {
	*model.Directive
	target target
	file   *file
}

// directivesIn finds all //necro: comments of a file, in source order.
func (l *loader) directivesIn(f *file) []placed {
	var out []placed
	docs := l.declarationsByDoc(f.ast)
	constrained := buildConstraint(f)
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			d := directive.Scan(c, l.positionOf)
			if d == nil {
				continue
			}
			t, ok := docs[group]
			if !ok {
				t = l.strayTarget(f.ast, group)
			}
			d.Target, d.Constraint, d.Doc = t.Target, constrained, strings.TrimSpace(group.Text())
			out = append(out, placed{d, t, f})
		}
	}
	return out
}

// declarationsByDoc returns the declarations of a file by their doc comments.
func (l *loader) declarationsByDoc(f *ast.File) map[*ast.CommentGroup]target {
	docs := map[*ast.CommentGroup]target{}
	add := func(doc *ast.CommentGroup, t target) {
		if doc != nil {
			docs[doc] = t
		}
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			add(decl.Doc, l.funcTarget(decl))
		case *ast.GenDecl:
			add(decl.Doc, l.genTarget(decl))
			for _, s := range decl.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					add(ts.Doc, l.typeTarget(ts))
				}
			}
		}
	}
	return docs
}

func (l *loader) funcTarget(decl *ast.FuncDecl) target {
	t := target{fun: decl}
	t.Name, t.Pos = decl.Name.Name, l.positionOf(decl.Name.Pos())
	t.Kind, t.Desc = model.TargetFunc, "a function"
	if decl.Recv != nil {
		t.Kind, t.Desc = model.TargetMethod, "a method"
	}
	return t
}

// genTarget is what the doc comment of a type, var, const or import declaration stands on: the
// type, when there is one and it is not in parentheses.
func (l *loader) genTarget(decl *ast.GenDecl) target {
	if decl.Tok == token.TYPE && len(decl.Specs) == 1 && !decl.Lparen.IsValid() {
		if ts, ok := decl.Specs[0].(*ast.TypeSpec); ok {
			return l.typeTarget(ts)
		}
	}
	desc := map[token.Token]string{
		token.TYPE:   "a group of types",
		token.VAR:    "a variable",
		token.CONST:  "a constant",
		token.IMPORT: "an import",
	}[decl.Tok]
	return target{Target: model.Target{Kind: model.TargetOther, Pos: l.positionOf(decl.Pos()), Desc: desc}}
}

func (l *loader) typeTarget(ts *ast.TypeSpec) target {
	t := target{typ: ts}
	t.Name, t.Pos = ts.Name.Name, l.positionOf(ts.Name.Pos())
	t.Kind, t.Desc = typeKind(ts)
	return t
}

func typeKind(ts *ast.TypeSpec) (model.TargetKind, string) {
	if ts.Assign.IsValid() {
		return model.TargetOther, "a type alias"
	}
	switch ts.Type.(type) {
	case *ast.InterfaceType:
		return model.TargetOther, "an interface type"
	case *ast.MapType:
		return model.TargetOther, "a map type"
	case *ast.ArrayType:
		return model.TargetOther, "a slice or array type"
	case *ast.FuncType:
		return model.TargetOther, "a func type"
	case *ast.ChanType:
		return model.TargetOther, "a channel type"
	case *ast.StarExpr:
		return model.TargetOther, "a pointer type"
	}
	if ts.TypeParams != nil {
		return model.TargetGeneric, "a generic type"
	}
	return model.TargetStruct, "a struct type"
}

// strayTarget tells what a directive stands on that documents nothing: the inside of a function or
// of a type, the end of a line, or nothing at all, with a declaration further down.
func (l *loader) strayTarget(f *ast.File, group *ast.CommentGroup) target {
	if f.Doc == group {
		return otherTarget("the package clause", l.positionOf(f.Name.Pos()))
	}
	for _, decl := range f.Decls {
		switch {
		case decl.End() <= group.Pos():
			if l.positionOf(decl.End()).Line == l.positionOf(group.Pos()).Line {
				return otherTarget("the end of a line", l.positionOf(decl.Pos()))
			}
		case decl.Pos() <= group.Pos():
			return otherTarget(insideOf(decl), l.positionOf(decl.Pos()))
		default:
			return target{Target: model.Target{
				Kind: model.TargetDetached, Name: typeName(decl), Pos: l.positionOf(decl.Pos()), Desc: "nothing",
			}}
		}
	}
	return otherTarget("nothing", model.Pos{})
}

// typeName returns the name of the type that a declaration declares, when that is all it does.
func typeName(decl ast.Decl) string {
	gen, _ := decl.(*ast.GenDecl)
	if gen == nil || len(gen.Specs) != 1 {
		return ""
	}
	if ts, ok := gen.Specs[0].(*ast.TypeSpec); ok {
		return ts.Name.Name
	}
	return ""
}

func otherTarget(desc string, pos model.Pos) target {
	return target{Target: model.Target{Kind: model.TargetNone, Desc: desc, Pos: pos}}
}

func insideOf(decl ast.Decl) string {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		return "something inside a function"
	case *ast.GenDecl:
		if decl.Tok == token.TYPE {
			return "a field or method inside a type"
		}
	}
	return "something inside a declaration"
}

// buildConstraint returns the line or the name that lets a file be built only somewhere; "" for
// a file that always is. The old form is none in the comment that documents the package.
func buildConstraint(f *file) string {
	for _, group := range f.ast.Comments {
		if group.Pos() > f.ast.Package {
			break
		}
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) || constraint.IsPlusBuild(c.Text) && group != f.ast.Doc {
				return c.Text
			}
		}
	}
	if name := filepath.Base(f.path); !builtAnywhere(name) {
		return name
	}
	switch {
	case f.ignored && importsC(f.ast):
		return `import "C", and there is no cgo`
	case f.ignored:
		return "it is not built"
	}
	return ""
}

func importsC(f *ast.File) bool {
	return slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return importPath(s) == "C" })
}

// builtAnywhere asks go/build about a file's name alone, for a system that does not exist:
// names such as x_linux.go then don't match.
func builtAnywhere(name string) bool {
	ctx := build.Context{
		GOOS: "none", GOARCH: "none", Compiler: "gc",
		OpenFile: func(string) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("package p\n")), nil
		},
	}
	ok, err := ctx.MatchFile("", name)
	return ok || err != nil
}
