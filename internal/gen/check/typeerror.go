package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checkDeclarations reports type errors in the declarations of the structs that events hold. Most of it makes a
// field's type invalid, and was told there.
func (c *checker) checkDeclarations() {
	told := map[string]bool{}
	line := func(pos model.Pos) string { return fmt.Sprintf("%s:%d", pos.Filename, pos.Line) }
	for _, d := range c.diags {
		told[line(d.Pos)] = told[line(d.Pos)] || d.Code == diag.TypeError
	}
	var types []*model.Type
	for v := range c.visited {
		types = append(types, v.t)
	}
	slices.SortFunc(types, func(a, b *model.Type) int { return strings.Compare(a.Desc, b.Desc) })
	for _, t := range types {
		for _, p := range t.Problems {
			if told[line(p.Pos)] || strings.HasPrefix(p.Message, "\t") { // the rest of another message
				continue
			}
			told[line(p.Pos)] = true
			c.addDiag(diag.New(diag.TypeError, p.Pos, t.Name, p.Message).WithHint("%s", typeErrorHint(p.Message)))
		}
	}
}

// typeErrorHint says what to do about what the type checker says of a declaration.
func typeErrorHint(problem string) string {
	switch {
	case strings.Contains(problem, "import cycle not allowed"):
		return "move what both packages need to one of its own"
	case strings.HasPrefix(problem, "could not import "):
		return "go mod tidy adds what is missing to go.mod"
	case strings.HasPrefix(problem, "undefined: "):
		return "declare it, or import its package"
	case strings.Contains(problem, "redeclared"):
		return "rename one of the two"
	}
	return "a declaration with a directive must type-check; bodies of functions need not"
}
