package source

import (
	"bytes"
	"go/scanner"
	"path/filepath"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// reportSyntax tells the first syntax error of every file of a package that is to be generated. Later ones in a
// file are mostly the same mistake. A generated file without our first line, cut off or with conflict marks on
// top of it, is not ours any more: all that helps is to remove it.
func (l *loader) reportSyntax(u *unit) {
	for _, f := range u.declared {
		if len(f.syntax) == 0 {
			continue
		}
		if name := filepath.Base(f.path); name == model.File || name == model.TestFile {
			l.addDiagnostic(diag.New(diag.NotOurs, model.Pos{Filename: f.path, Line: 1, Column: 1}, name).
				WithHint("nobody can read it: remove it, and necrogen writes it anew"))
			continue
		}
		e := f.syntax[0]
		l.addDiagnostic(diag.New(diag.SyntaxError, l.syntaxPosition(f, e), e.Msg).WithHint("%s", syntaxHint(f, e.Pos.Offset)))
	}
}

// isBroken says that a file of the unit can't be parsed. What its declarations mean is not known
// then.
func (u *unit) isBroken() bool {
	return slices.ContainsFunc(u.declared, func(f *file) bool { return len(f.syntax) > 0 })
}

// syntaxPosition undoes what a //line comment did to the place of an error.
func (l *loader) syntaxPosition(f *file, e *scanner.Error) model.Pos {
	tf := l.fset.File(f.ast.FileStart)
	if tf == nil || e.Pos.Offset > tf.Size() {
		return e.Pos
	}
	return l.positionOf(tf.Pos(e.Pos.Offset))
}

func syntaxHint(f *file, offset int) string {
	switch rest := bytes.TrimSpace(f.content[min(offset, len(f.content)):]); {
	case len(bytes.TrimSpace(f.content)) == 0:
		return "the file is empty: remove it, or begin it with a package clause"
	case len(rest) == 0:
		return "the file ends in the middle of a declaration: it may be only half written"
	}
	offset = min(offset, len(f.content))
	line := f.content[bytes.LastIndexByte(f.content[:offset], '\n')+1:]
	for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>"} {
		if bytes.HasPrefix(line, []byte(mark)) {
			return "a merge conflict is not resolved"
		}
	}
	return "nothing else of this package is checked until it parses"
}
