package source

import (
	"cmp"
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// problemAt returns what the type checker said about the rest of a line; or, since it is silent
// about names of a package that it could not import, about an import of the same file; or else
// the text.
func (l *loader) problemAt(at model.Pos, otherwise string) string {
	if l.found.problems == nil {
		l.indexProblems()
	}
	for _, e := range l.found.problems[lineOf(at)] {
		if e.column >= at.Column {
			return e.msg
		}
	}
	if msg := l.found.imports[at.Filename]; msg != "" {
		return msg
	}
	return otherwise
}

// typeProblem is a type error. Most of them never matter.
type typeProblem struct {
	column int
	msg    string
}

// indexProblems sorts type errors by line, and keeps the first failed import of every file.
func (l *loader) indexProblems() {
	l.found.problems, l.found.imports = map[string][]typeProblem{}, map[string]string{}
	for _, u := range l.units {
		for _, e := range u.errors {
			pos := l.positionOf(e.Pos)
			line := lineOf(pos)
			l.found.problems[line] = append(l.found.problems[line], typeProblem{pos.Column, e.Msg})
			if strings.HasPrefix(e.Msg, "could not import ") && l.found.imports[pos.Filename] == "" {
				l.found.imports[pos.Filename] = e.Msg
			}
		}
	}
	for _, u := range l.units {
		for _, f := range u.files {
			l.indexC(f)
		}
	}
	for _, line := range l.found.problems {
		slices.SortStableFunc(line, func(a, b typeProblem) int { return cmp.Compare(a.column, b.column) })
	}
}

// indexC notes where a file refers to C, about which the type checker is silent: to know the declarations in C,
// cgo would have to run a C compiler.
func (l *loader) indexC(f *file) {
	if !importsC(f.ast) {
		return
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && id.Name == "C" {
				pos := l.positionOf(s.Pos())
				line, msg := lineOf(pos), "C."+s.Sel.Name+" is a type of C, which is not known here: take one of Go"
				l.found.problems[line] = append(l.found.problems[line], typeProblem{pos.Column, msg})
			}
		}
		return true
	})
}

func lineOf(p model.Pos) string { return fmt.Sprintf("%s:%d", p.Filename, p.Line) }
