package sabotage

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// declaration is one of a package at its top level.
type declaration struct {
	name string // of a method: "(*queue).settle" or "queue.settle", without type parameters
	path string // of its file
	file []byte // the text of its file
	span        // in file, without its comment
}

// findText returns where a text is in the file: it must be once in the declaration.
func (d *declaration) findText(text string) (span, error) {
	wanted, err := goWords([]byte(text))
	if err != nil {
		return span{}, err
	}
	words, err := goWords(d.file[d.from:d.to])
	if err != nil {
		return span{}, err
	}
	at, err := findOnce(words, wanted)
	return span{d.from + at.from, d.from + at.to}, err
}

func declarationsNamed(all []declaration, name string) iter.Seq[declaration] {
	return func(yield func(declaration) bool) {
		for _, d := range all {
			if d.name == name && !yield(d) {
				return
			}
		}
	}
}

// packageDeclarations returns those of the package in a folder, but for its tests and other systems.
func (s *source) packageDeclarations(folder string) ([]declaration, error) {
	paths, err := s.goFiles(folder)
	if err != nil {
		return nil, err
	}
	var all []declaration
	for _, path := range paths {
		some, err := s.declarationsIn(path)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// declarationsIn returns those of a file.
func (s *source) declarationsIn(path string) ([]declaration, error) {
	text, edited := s.edited[path]
	if edited {
		return parseDeclarations(path, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if all, ok := s.parsed[path]; ok {
		return all, nil
	}
	text, err := s.readEdited(path)
	if err != nil {
		return nil, err
	}
	all, err := parseDeclarations(path, text)
	if err == nil {
		s.parsed[path] = all
	}
	return all, err
}

func parseDeclarations(path string, text []byte) ([]declaration, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var all []declaration
	for name, node := range namedNodes(file) {
		at := span{fset.PositionFor(node.Pos(), false).Offset, fset.PositionFor(node.End(), false).Offset}
		all = append(all, declaration{name, path, text, at})
	}
	return all, nil
}

// goFiles returns the files that a package is built from on this system.
func (r *Repository) goFiles(folder string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if paths, ok := r.folders[folder]; ok {
		return paths, nil
	}
	paths, err := builtFiles(r.root, folder)
	if err == nil {
		r.folders[folder] = paths
	}
	return paths, err
}

func builtFiles(root, folder string) ([]string, error) {
	dir := filepath.Join(root, folder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		built, err := build.Default.MatchFile(dir, name)
		if err != nil {
			return nil, err
		}
		if built {
			paths = append(paths, path.Join(folder, name))
		}
	}
	return paths, nil
}

// namedNodes yields the declarations of a file with their names. In a group each one is for itself.
func namedNodes(file *ast.File) iter.Seq2[string, ast.Node] {
	return func(yield func(string, ast.Node) bool) {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				// The position of the declaration itself is that of its comment.
				if !yield(functionName(d), function{d}) {
					return
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					for _, id := range namesOf(spec) {
						if !yield(id.Name, declared{spec}) {
							return
						}
					}
				}
			}
		}
	}
}

// function is a function without its comment.
type function struct{ *ast.FuncDecl }

func (f function) Pos() token.Pos { return f.Type.Pos() }

// declared is a constant, a variable or a type without its comment.
type declared struct{ ast.Spec }

func (d declared) Pos() token.Pos { return namesOf(d.Spec)[0].Pos() }

func namesOf(spec ast.Spec) []*ast.Ident {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		return s.Names
	case *ast.TypeSpec:
		return []*ast.Ident{s.Name}
	}
	return nil
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver, pointer := f.Recv.List[0].Type, false
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver, pointer = star.X, true
	}
	switch generic := receiver.(type) {
	case *ast.IndexExpr:
		receiver = generic.X
	case *ast.IndexListExpr:
		receiver = generic.X
	}
	id, ok := receiver.(*ast.Ident)
	switch {
	case !ok:
		return ""
	case pointer:
		return "(*" + id.Name + ")." + f.Name.Name
	}
	return id.Name + "." + f.Name.Name
}
