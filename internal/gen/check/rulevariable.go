package check

import (
	"go/ast"
	"maps"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// judgePattern judges the parameter of pattern: a variable of the package in which the struct is
// declared that holds a *regexp.Regexp, and that generated code can name.
func (r ruled) judgePattern(one *model.Rule) {
	path := r.parent.Path
	if path == "" {
		path = r.pkg.Path
	}
	why, hint := r.unfitVariable(path, one.Param)
	if why == "" {
		return
	}
	r.addOnWay(diag.New(diag.RulePattern, r.wordPos(one.Words[0], one.Pos), one.Param, why).WithHint("%s", hint))
}

func (r ruled) unfitVariable(path, name string) (why, hint string) {
	p := r.packageOf(path)
	declared := false
	if p != nil {
		_, declared = p.Names[name]
	}
	switch {
	case p == nil:
		return "the package of " + r.parent.Desc + " is not in this module", "use a struct of your own, or a method with //necro:check"
	case strings.Contains(name, "."):
		return "it is no variable of package " + p.Name, "declare one: var " + name[strings.LastIndex(name, ".")+1:] + " *regexp.Regexp = " + name
	case !p.Patterns[name] && declared:
		return "it is not known to hold a *regexp.Regexp", "declare var " + name + " = regexp.MustCompile(`…`), or give it the type *regexp.Regexp and a value"
	case !p.Patterns[name]:
		return "package " + p.Name + " has no such variable", patternHint(p, name)
	case model.Local(name):
		return "generated code has a variable of that name", "rename it"
	case path != r.pkg.Path && !ast.IsExported(name):
		return "package " + r.pkg.Name + " can't read it, and holds " + r.parent.Desc, "export it"
	}
	return "", ""
}

func patternHint(p *model.Package, name string) string {
	if near := spelling.Nearest(name, slices.Sorted(maps.Keys(p.Patterns))); near != "" {
		return "did you mean " + near + "?"
	}
	return "declare var " + name + " = regexp.MustCompile(`…`)"
}

// packageOf returns the package that declares what the event's package generates; a test unit
// before the package that it belongs to.
func (r ruled) packageOf(path string) *model.Package {
	if path == r.pkg.Path {
		return r.pkg
	}
	for _, p := range r.topology.Packages {
		if p.Path == path && p.Names != nil { // one without annotations may stand there by its name alone
			return p
		}
	}
	return nil
}
