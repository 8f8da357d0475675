package load

import (
	"fmt"
	"strings"

	"github.com/necrostack/necrogen/internal/spec"
)

// problem returns what the type checker said about a line; or, since it is silent about names
// of a package that it could not import, about an import of the same file; or else the text.
func (l *loader) problem(at spec.Pos, otherwise string) string {
	if l.model.problems == nil {
		l.indexProblems()
	}
	if msg := l.model.problems[lineOf(at)]; msg != "" {
		return msg
	}
	if msg := l.model.problems[at.Filename]; msg != "" {
		return msg
	}
	return otherwise
}

// indexProblems keeps the first type error of every line, and under the bare file name the
// first import that failed. Most of them never matter.
func (l *loader) indexProblems() {
	l.model.problems = map[string]string{}
	for _, u := range l.units {
		for _, e := range u.errors {
			pos := l.position(e.Pos)
			l.addProblem(lineOf(pos), e.Msg)
			if strings.HasPrefix(e.Msg, "could not import ") {
				l.addProblem(pos.Filename, e.Msg)
			}
		}
	}
}

func (l *loader) addProblem(key, msg string) {
	if l.model.problems[key] == "" {
		l.model.problems[key] = msg
	}
}

func lineOf(p spec.Pos) string { return fmt.Sprintf("%s:%d", p.Filename, p.Line) }
