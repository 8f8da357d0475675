package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/diag"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks wants the files and the headings that links lead to.
func TestLinks(t *testing.T) {
	all := map[string]*page{}
	list := pages(t)
	for _, p := range list {
		all[p.path] = p
	}
	for _, p := range list {
		for _, m := range link.FindAllStringSubmatch(p.prose, -1) {
			path, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			to := filepath.ToSlash(filepath.Join(filepath.Dir(p.path), path))
			if path == "" {
				to = p.path
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s links to %s, which is not there", p.path, m[1])
			} else if q := all[to]; fragment != "" && q != nil && !q.anchors[fragment] {
				t.Errorf("%s links to %s: there is no such heading", p.path, m[1])
			}
		}
	}
}

// TestEveryPageIsLinked: README.md leads to every page.
func TestEveryPageIsLinked(t *testing.T) {
	list := pages(t)
	for _, p := range list {
		if strings.HasPrefix(p.path, "docs/") && !strings.Contains(list[0].prose, "]("+p.path) {
			t.Errorf("README.md does not link to %s", p.path)
		}
	}
}

var (
	code     = regexp.MustCompile(`\bNC\d{3}\b`)
	ours     = regexp.MustCompile(`\b(necro|memory|redisstream|necrotest|backendtest|necroctl)\.([A-Z]\w*)`)
	testName = regexp.MustCompile("`((?:Test|Example)[A-Z]\\w*)")
)

// TestNames wants what the pages name: codes, what our packages export, and tests.
func TestNames(t *testing.T) {
	exported, tests := exports(t), allTests(t)
	for _, p := range pages(t) {
		for _, name := range code.FindAllString(p.text, -1) {
			if _, ok := diag.Catalogue(diag.Code(name)); !ok {
				t.Errorf("%s: there is no code %s", p.path, name)
			}
		}
		for _, m := range ours.FindAllStringSubmatch(p.prose, -1) {
			if !exported[m[0]] {
				t.Errorf("%s: there is no %s", p.path, m[0])
			}
		}
		for _, m := range testName.FindAllStringSubmatch(p.prose, -1) {
			if !tests[m[1]] {
				t.Errorf("%s: there is no test %s", p.path, m[1])
			}
		}
	}
}

// exports returns what users' packages export: necro.New.
func exports(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for name, dir := range map[string]string{
		"necro": "runtime", "contract": "runtime/contract", "memory": "backends/memory", "redisstream": "backends/redisstream",
		"necrotest": "runtime/necrotest", "backendtest": "backends/backendtest",
		"necroctl": "necroctl",
	} {
		paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", dir, err)
		}
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, declared := range declarations(file) {
				names[name+"."+declared.Name] = true
			}
		}
	}
	return names
}

// declarations returns the names that a file declares, but for methods.
func declarations(file *ast.File) (names []*ast.Ident) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name)
				case *ast.ValueSpec:
					names = append(names, s.Names...)
				}
			}
		}
	}
	return names
}

// allTests returns the functions that are tests and examples, of all modules.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Example|Fuzz)\w*)\(`)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestGuaranteesAreHeld wants the tests that docs/guarantees.md names among those of its table of all promises.
func TestGuaranteesAreHeld(t *testing.T) {
	var text string
	for _, p := range pages(t) {
		if p.path == "docs/guarantees.md" {
			text = p.prose
		}
	}
	held := 0
	for _, m := range regexp.MustCompile("`([A-Z]\\w+)`").FindAllStringSubmatch(text, -1) {
		if regexp.MustCompile(`[/\[]` + m[1] + `(/[^\]]*)?\]\(`).MatchString(text) {
			held++
		} else if !slices.Contains([]string{"Publish", "Health", "Run", "Drain", "WithID", "WithIDFor", "WithUnique", "WithReceipt", "ErrIDsFull"}, m[1]) {
			t.Errorf("docs/guarantees.md names %s, which is no test of a promise", m[1])
		}
	}
	if held == 0 {
		t.Error("docs/guarantees.md names no test")
	}
}
