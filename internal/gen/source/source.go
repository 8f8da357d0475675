package source

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// firstLine is how our own output begins. It is never parsed: it may be stale, half-written or
// full of conflict marks, and nothing in it is the user's.
var firstLine = []byte(model.FirstLine)

// mention finds what might be a directive or something meant as one. A package without any is
// not parsed.
var mention = regexp.MustCompile(`(?i)(//|/\*)[ \t]*necro`)

// file is one source file.
type file struct {
	path    string
	content []byte
	test    bool
	ignored bool // the go command does not build it here

	ast    *ast.File // nil until it is parsed
	syntax scanner.ErrorList
}

// readFiles reads files of a folder and leaves out what necrogen wrote. One that can't be read
// is left out too: go list has just seen it, so it was deleted meanwhile.
func readFiles(dir string, names []string, test bool) []*file {
	var files []*file
	for _, name := range names {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		if err != nil || bytes.HasPrefix(content, firstLine) || hasLinesAbove(name, content) {
			continue
		}
		files = append(files, &file{path: path, content: content, test: test})
	}
	return files
}

// hasLinesAbove says that a generated file has lines above its first one, such as a licence. It is not overwritten, but
// its declarations are not the user's either. Conflict marks are told as such.
func hasLinesAbove(name string, content []byte) bool {
	return !bytes.HasPrefix(content, []byte("<<<<<<<")) && (name == model.File || name == model.TestFile) && bytes.Contains(content, append([]byte("\n"), firstLine...))
}

// mayBeAnnotated says whether one of the files has something like a directive in it.
func mayBeAnnotated(files []*file) bool {
	for _, f := range files {
		if mention.Match(f.content) {
			return true
		}
	}
	return false
}

// parseSyntax fills in the syntax tree. A file with errors has one as well, as far as it goes.
func (f *file) parseSyntax(fset *token.FileSet) {
	if f.ast != nil {
		return
	}
	var err error
	f.ast, err = parser.ParseFile(fset, f.path, f.content, parser.ParseComments|parser.SkipObjectResolution)
	errors.As(err, &f.syntax)
}

// importPath returns the path of an import, and "" for one that is malformed.
func importPath(s *ast.ImportSpec) string {
	if len(s.Path.Value) < 2 {
		return ""
	}
	return s.Path.Value[1 : len(s.Path.Value)-1]
}

// usedQualifiers collects the names before a dot in everything but function bodies. Only
// imports with such a name can matter to a declaration.
func usedQualifiers(f *ast.File) map[string]bool {
	used := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			return false
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
		return true
	})
	return used
}

// neededImports returns the paths of the imports that declarations of the file may refer to.
// nameOf tells the name of an imported package.
func neededImports(f *ast.File, nameOf func(path string) string) []string {
	used := usedQualifiers(f)
	var paths []string
	for _, s := range f.Imports {
		path := importPath(s)
		name := nameOf(path)
		if s.Name != nil {
			name = s.Name.Name
		}
		if name == "." || used[name] {
			paths = append(paths, path)
		}
	}
	return paths
}
