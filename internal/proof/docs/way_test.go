package docs

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var renewWays = flag.Bool("ways", false, "renew the paths in the lists of docs/architecture.md")

// wayStep is an item of a list: a function or a script, and below it what it calls.
var wayStep = regexp.MustCompile("^( *)- `([\\w.]+)` \\(`([^`]*)`\\)(.*)$")

// atMost is how many files of each kind the list below a heading may enter: who follows the data opens no more.
var atMost = map[string]struct{ goFiles, scripts int }{
	"Publish to settled, in memory":        {goFiles: 12},
	"Publish to settled, over Redis":       {goFiles: 16, scripts: 4},
	"From a directive to a generated file": {goFiles: 25},
}

// TestWays follows the lists of docs/architecture.md: every function stands in the file that is named behind it, and uses the
// functions that stand one level below it. A call through an interface or a field counts by its name. With -ways the test
// finds the files, and writes them.
func TestWays(t *testing.T) {
	const name = "docs/architecture.md"
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	f := newFunctions(t)
	lines := strings.Split(string(text), "\n")
	heading, files := "", map[string][]string{}
	var callers []wayFunction // by depth
	for i, line := range lines {
		if title, ok := strings.CutPrefix(line, "### "); ok {
			heading = title
		}
		m := wayStep.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		depth := len(m[1]) / 2
		if depth > len(callers) {
			t.Fatalf("%s:%d: %s is indented by more than one level", name, i+1, m[2])
		}
		step, why := f.find(m[2], m[3], callers[:depth])
		if why != "" {
			t.Errorf("%s:%d: %s %s", name, i+1, m[2], why)
			step = wayFunction{name: m[2], path: m[3]}
		}
		callers = append(callers[:depth], step)
		files[heading] = append(files[heading], step.path)
		lines[i] = m[1] + "- `" + m[2] + "` (`" + step.path + "`)" + m[4]
		if lines[i] != line && !*renewWays {
			t.Errorf("%s:%d: %s is in %s: run the test with -ways", name, i+1, m[2], step.path)
		}
	}
	for title, most := range atMost {
		slices.Sort(files[title])
		entered := slices.Compact(files[title])
		scripts := len(slices.DeleteFunc(slices.Clone(entered), func(path string) bool { return !strings.HasSuffix(path, ".lua") }))
		if n := len(entered) - scripts; n == 0 || n > most.goFiles || scripts > most.scripts {
			t.Errorf("%s: enters %d Go files and %d scripts, want 1 to %d and at most %d", title, n, scripts, most.goFiles, most.scripts)
		}
	}
	if *renewWays {
		if err := os.WriteFile(filepath.Join(root, name), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wayFunction is a function, or a script, whose body is nil.
type wayFunction struct {
	name, path string
	body       *ast.BlockStmt
}

// functions are the functions of the runtime, the backends and the generator, by name: "parseRead", or "Spine.Publish" for a method.
type functions struct {
	byName  map[string][]wayFunction
	scripts []string
}

func newFunctions(t *testing.T) *functions {
	t.Helper()
	f := &functions{byName: map[string][]wayFunction{}}
	for _, dir := range []string{"runtime", "backends", "internal", "cmd/necrogen", "templates"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir
			}
			rel, _ := filepath.Rel(root, path)
			switch rel = filepath.ToSlash(rel); {
			case strings.HasSuffix(rel, ".lua"):
				f.scripts = append(f.scripts, rel)
			case strings.HasSuffix(rel, ".go") && !strings.HasSuffix(rel, "_test.go"):
				return f.read(path, rel)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// read takes in the functions of a file.
func (f *functions) read(path, rel string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			name := receiver(fn) + fn.Name.Name
			f.byName[name] = append(f.byName[name], wayFunction{name, rel, fn.Body})
		}
	}
	return nil
}

// receiver returns "Spine." for a method of Spine or of a pointer to it.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	of := fn.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name + "."
	}
	return "?."
}

// find returns the function that an item names: of those with its name the one in its file, or else the only one that is near. It
// says why there is none, or why the last of its callers does not use it.
func (f *functions) find(name, path string, callers []wayFunction) (found wayFunction, why string) {
	candidates := f.byName[name]
	if strings.HasSuffix(name, ".lua") {
		for _, script := range f.scripts {
			if filepath.Base(script) == name {
				candidates = append(candidates, wayFunction{name: name, path: script})
			}
		}
	}
	for _, near := range []string{path, filepath.Dir(path), ""} {
		of := slices.DeleteFunc(slices.Clone(candidates), func(c wayFunction) bool { return !strings.HasPrefix(c.path, near) })
		if len(of) == 1 {
			found = of[0]
			break
		}
	}
	if found.name == "" {
		return found, "is not there, or there are several: name the file"
	}
	if len(callers) > 0 && callers[len(callers)-1].body != nil && !uses(callers[len(callers)-1], name) {
		return found, "is not used by " + callers[len(callers)-1].name
	}
	return found, ""
}

// uses reports whether a function mentions another one by its name. A script is used by the name of its step, or by that
// of its variable: settleScript.
func uses(caller wayFunction, name string) (is bool) {
	bare := name[strings.LastIndex(name, ".")+1:]
	script := ""
	if step, ok := strings.CutSuffix(name, ".lua"); ok {
		bare, script = step, step+"Script"
	}
	ast.Inspect(caller.body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (strings.EqualFold(id.Name, bare) || id.Name == script) {
			is = true
		}
		return !is
	})
	return is
}
