package docs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/gocommand"
	"golang.org/x/tools/txtar"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/templates"
)

// TestFragments puts the fragments of every section into a package, generates for all of them,
// compiles them, and runs the tests that they are.
func TestFragments(t *testing.T) {
	dir := fragmentModule(t)
	tested := map[string]bool{}
	for name, list := range sections(t) {
		if writeSection(t, filepath.Join(dir, name), list) {
			tested["./"+name] = true
		}
	}
	if t.Failed() {
		return
	}
	generate(t, dir)
	gocommand.Run(t, dir, "vet", "./...")
	// The suite of backends takes long, and runs in the packages of the backends.
	gocommand.Run(t, dir, append([]string{"test", "-vet=off", "-skip", "^TestConformance$"}, slices.Sorted(maps.Keys(tested))...)...)
}

// fragmentModule makes the module that the fragments stand in, outside of this repository.
func fragmentModule(t *testing.T) string {
	t.Helper()
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files.Write(t, filepath.Join(dir, "go.mod"), "module example.com\n\ngo 1.26.0\n\nrequire "+module+" v0.0.0\n\n"+
		"replace "+module+" => "+repository+"\n\ntool "+module+"/cmd/necrogen\n")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	files.Write(t, filepath.Join(dir, "go.sum"), string(sums))
	t.Setenv("GOFLAGS", "-mod=mod -ldflags=-w")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMDB", "*") // the modules are those of go.sum: nobody is asked for their sums
	t.Setenv("GOWORK", "off")
	return dir
}

// sections returns the fragments by folder: page and section.
func sections(t *testing.T) map[string][]*block {
	t.Helper()
	list := map[string][]*block{}
	for _, b := range blocks(t, (*block).isFragment) {
		name := pageName(b.page) + "/" + cmp.Or(b.section, "intro")
		list[name] = append(list[name], b)
	}
	return list
}

// pageName makes one word of a path: docs/redis.md is redis, examples/etl/README.md is examples-etl.
func pageName(path string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(path, "docs/"), ".md")
	return strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(name, "/README"), "/", "-"))
}

// writeSection writes the package of a section. It returns whether the fragments hold tests.
func writeSection(t *testing.T, dir string, list []*block) (tests bool) {
	t.Helper()
	for _, f := range prelude(t, dir) {
		source, err := complete(string(f.Data))
		if err != nil {
			t.Fatalf("%s of %s: %v", f.Name, dir, err)
		}
		files.Write(t, filepath.Join(dir, f.Name), source)
	}
	for _, b := range list {
		source, err := complete(b.text)
		if err != nil {
			t.Errorf("%s: %v", b, err)
			continue
		}
		name := fmt.Sprintf("line%d.go", b.line)
		if strings.Contains(b.text, "*testing.T)") {
			name, tests = fmt.Sprintf("line%d_test.go", b.line), true
		}
		files.Write(t, filepath.Join(dir, name), source)
	}
	return tests
}

// prelude returns what the fragments of a section need besides, by the name of its file.
func prelude(t *testing.T, dir string) (files []txtar.File) {
	t.Helper()
	path, section := filepath.Join("testdata", filepath.Base(filepath.Dir(dir))+".txtar"), filepath.Base(dir)
	archive, err := txtar.ParseFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		folder, name, ok := strings.Cut(f.Name, "/")
		if !ok {
			folder, name = section, f.Name
		}
		if folder == section {
			files = append(files, txtar.File{Name: "prelude_" + name, Data: f.Data})
		}
	}
	return files
}

// complete makes a file of a fragment: declarations, or statements, with the package clause and
// the imports that are left out for brevity. "…" in the place of a body is no body, and a
// function without one gets one.
func complete(text string) (string, error) {
	text = strings.ReplaceAll(text, "{ … }", "")
	if strings.HasPrefix(text, "package ") || strings.Contains(text, "\npackage ") {
		return withBodies(text)
	}
	source, err := withBodies(head(text) + text)
	if err == nil {
		return source, nil
	}
	source, statements := asStatements(text)
	if statements == nil {
		return source, nil
	}
	return "", fmt.Errorf("neither declarations (%w) nor statements (%w)", err, statements)
}

// withBodies gives every function a body.
func withBodies(source string) (string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", source, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, d := range slices.Backward(file.Decls) {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body == nil {
			end := set.Position(f.End()).Offset
			source = source[:end] + " { panic(nil) }" + source[end:]
		}
	}
	return source, nil
}

// asStatements puts statements into a function, and uses the variables that they leave unused.
func asStatements(text string) (string, error) {
	source := head(text) + "var _ = func() error {\n" + text
	file, err := parser.ParseFile(token.NewFileSet(), "", source+"return nil\n}\n", parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	body := file.Decls[len(file.Decls)-1].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0].(*ast.FuncLit).Body.List
	body = body[:len(body)-1] // without ours
	for _, s := range body {
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, v := range a.Lhs {
				if name := v.(*ast.Ident).Name; name != "_" {
					source += "_ = " + name + "\n"
				}
			}
		}
	}
	if _, ok := body[len(body)-1].(*ast.ReturnStmt); !ok {
		source += "return nil\n"
	}
	return source + "}\n", nil
}

// imported are the packages that fragments use without saying so.
var imported = []string{
	"context", "database/sql", "errors", "fmt", "io", "log", "log/slog", "maps", "net", "net/http", "os", "os/signal", "regexp", "slices",
	"strings", "sync", "sync/atomic", "syscall", "testing", "time", "github.com/redis/go-redis/v9",
	module + "/backends/backendtest", module + "/backends/memory", module + "/backends/redisstream", module + "/runtime/necrotest", module + "/necroctl",
	module + "/runtime", module + "/runtime/contract",
}

var comment = regexp.MustCompile(`(?m)//.*$`)

// head is the package clause of a fragment, with the imports of what it names.
func head(text string) string {
	text = comment.ReplaceAllString(text, "")
	var b strings.Builder
	b.WriteString("package shop\n\n")
	for _, path := range imported {
		name := filepath.Base(path)
		switch path {
		case module + "/runtime":
			name = "necro"
		case "github.com/redis/go-redis/v9":
			name = "redis"
		}
		parameter := regexp.MustCompile(`\b` + name + ` \*?\w+\.`)
		if regexp.MustCompile(`\b`+name+`\.[A-Z]`).MatchString(text) && !parameter.MatchString(text) {
			fmt.Fprintf(&b, "import %s %q\n", name, path)
		}
	}
	return b.String() + "\n"
}

// generate runs the pipeline of necrogen for every package by itself, since pages use a name again
// and again.
func generate(t *testing.T, dir string) {
	t.Helper()
	all, loaded, err := source.Load(context.Background(), dir, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all.Packages {
		part := &model.Topology{Packages: []*model.Package{p}}
		diags := check.Check(part)
		diags = append(diags, slices.DeleteFunc(slices.Clone(loaded), func(d diag.Diagnostic) bool {
			return filepath.Dir(d.Pos.Filename) != p.Dir
		})...)
		// A fragment is a part of a program: who handles its events may be in another one.
		diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Code == diag.Unhandled })
		changes, more, err := write.Plan(part, templates.Emit)
		if diags = append(diags, more...); err == nil && len(diags) == 0 {
			err = write.Apply(changes)
		}
		if err != nil || len(diags) > 0 {
			var b strings.Builder
			_ = diag.Text(&b, dir, diag.Style{}, diags)
			t.Errorf("%s: %v\n%s", p.Path, err, &b)
		}
	}
}
