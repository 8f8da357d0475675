package sabotage

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mendImports keeps the edited files compilable. An import whose last use an edit took away becomes a
// blank one. A package that an edit uses, and that only another file of the folder imports, is
// imported: the edited function may have moved to a file of other imports.
func (s *source) mendImports() error {
	for _, path := range slices.Sorted(maps.Keys(s.edited)) {
		if !strings.HasSuffix(path, ".go") {
			continue
		}
		if err := s.mendImportsOf(path); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) mendImportsOf(name string) error {
	was, err := os.ReadFile(filepath.Join(s.root, name))
	if err != nil {
		return err
	}
	before, err := parseFile(name, was)
	if err != nil {
		return err
	}
	after, err := parseFile(name, s.edited[name])
	if err != nil {
		return fmt.Errorf("with its edits: %w", err)
	}
	text := s.edited[name]
	for _, spec := range slices.Backward(after.Imports) {
		if id := importName(spec); before.uses[id] && !after.uses[id] {
			from := after.fset.PositionFor(spec.Pos(), false).Offset
			to := after.fset.PositionFor(spec.Path.Pos(), false).Offset
			text = slices.Concat(text[:from], []byte("_ "), text[to:])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(after.uses)) {
		if before.uses[id] {
			continue
		}
		spec, err := s.importOf(path.Dir(name), id)
		if err != nil {
			return err
		}
		if spec != "" {
			at := after.fset.PositionFor(after.Name.End(), false).Offset
			text = slices.Concat(text[:at], []byte("; import "+spec), text[at:])
		}
	}
	s.edited[name] = text
	return nil
}

// importOf returns how a folder's files import the package of a name, as in `rand "math/rand/v2"`:
// "" when none does.
func (s *source) importOf(folder, name string) (string, error) {
	paths, err := s.goFiles(folder)
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		text, err := s.readEdited(path)
		if err != nil {
			return "", err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return "", err
		}
		for _, spec := range f.Imports {
			if importName(spec) == name {
				return name + " " + spec.Path.Value, nil
			}
		}
	}
	return "", nil
}

// parsed is a file, with the names that stand in front of a dot in it.
type parsed struct {
	*ast.File
	fset *token.FileSet
	uses map[string]bool
}

func parseFile(path string, text []byte) (*parsed, error) {
	p := &parsed{fset: token.NewFileSet(), uses: map[string]bool{}}
	var err error
	if p.File, err = parser.ParseFile(p.fset, path, text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	ast.Inspect(p.File, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := selector.X.(*ast.Ident); ok {
				p.uses[id.Name] = true
			}
		}
		return true
	})
	return p, nil
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// importName returns the name of an imported package. Where the import gives none, it is read off the
// path, as all packages that are imported here are named after theirs.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	full, _ := strconv.Unquote(spec.Path.Value)
	if majorVersion.MatchString(path.Base(full)) {
		full = path.Dir(full)
	}
	return strings.TrimPrefix(path.Base(full), "go-")
}
