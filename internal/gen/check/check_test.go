package check_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/files"
)

// family is a small package that breaks one rule of a file of this package.
type family struct {
	file   string // the file that holds the rule, without .go
	source string // the declarations of the package
	want   string // the diagnostics: line, code and message
	hint   string // a part of the first one's hint
}

// TestFamilies has a row for each family of rules: a mistake, and the diagnostics that it gives and no others. The
// rules with all their variants and rendered hints are cases of internal/proof/cases.
func TestFamilies(t *testing.T) {
	root := t.TempDir()
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "")
	files.Write(t, filepath.Join(root, "go.mod"), []byte("module example.com\n\ngo 1.26.0\n\nrequire github.com/necrostack/necrogen v0.0.0\n\nreplace github.com/necrostack/necrogen => ./necro\n"))
	files.Write(t, filepath.Join(root, "necro", "go.mod"), []byte("module github.com/necrostack/necrogen\n\ngo 1.26.0\n"))
	files.Write(t, filepath.Join(root, "necro", "runtime", "necro.go"), []byte("package necro\n\ntype Timer[X any] struct{ event *X }\n"))
	files.Write(t, filepath.Join(root, "lib", "lib.go"), []byte(library))
	for _, f := range families {
		text := "package " + f.file + "\n" + f.source
		files.Write(t, filepath.Join(root, f.file, "a.go"), []byte(text))
	}
	topology, loaded, err := source.Load(t.Context(), root, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		t.Run(f.file, func(t *testing.T) { f.expect(t, filepath.Join(root, f.file), topology, loaded) })
	}
}

// TestEveryFamilyHasARow: a file with rules that is added to this folder needs a row.
func TestEveryFamilyHasARow(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		name = strings.TrimSuffix(name, ".go")
		noRules := name == "doc" || name == "check" || strings.HasSuffix(name, "_test")
		if !noRules && !slices.ContainsFunc(families, func(f family) bool { return f.file == name }) {
			t.Errorf("%s.go has no row in families_test.go: add a mistake that its rules report", name)
		}
	}
}

// expect checks the package of a row alone with the library, so that its events meet none of another row.
func (f *family) expect(t *testing.T, dir string, all *model.Topology, loaded []diag.Diagnostic) {
	t.Helper()
	var alone model.Topology
	for _, p := range all.Packages {
		if p.Dir == dir || p.Name == "lib" {
			alone.Packages = append(alone.Packages, p)
		}
	}
	var lines []string
	diags := check.Check(&alone)
	for _, d := range slices.Concat(loaded, diags) {
		if filepath.Dir(d.Pos.Filename) == dir {
			lines = append(lines, fmt.Sprintf("%d: %s: %s", d.Pos.Line, d.Code, d.Message))
		}
	}
	if got := strings.Join(lines, "\n"); got != f.want {
		t.Errorf("the diagnostics are\n%s\nwant\n%s", got, f.want)
	}
	if f.hint != "" && (len(diags) == 0 || !strings.Contains(diags[0].Hint, f.hint)) {
		t.Errorf("the hint of %v lacks %q", diags, f.hint)
	}
}

// library is a package that the rows import.
const library = `package lib

type hidden struct{ X int }

type Held struct{ Hidden hidden }
`
