package check

import "strings"

// typeErrorHint says what to do about what the type checker says of a declaration.
func typeErrorHint(problem string) string {
	switch {
	case strings.HasPrefix(problem, "could not import "):
		return "go mod tidy adds what is missing to go.mod"
	case strings.HasPrefix(problem, "undefined: "):
		return "declare it, or import its package"
	case strings.Contains(problem, "redeclared"):
		return "rename one of the two"
	}
	return "a declaration with a directive must type-check; bodies of functions need not"
}
