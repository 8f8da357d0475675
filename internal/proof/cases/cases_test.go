package cases

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/gocommand"
	"golang.org/x/tools/txtar"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/templates"
)

var update = flag.Bool("update", false, "rewrite what the cases expect")

// The sections that a case expects; all others are its source.
const (
	wantDiagnostics = "diagnostics"
	wantStdout      = "stdout"
	wantPrefix      = "want/" // before the name of a generated file
)

// testCase is one txtar file. Its source stands in a folder of its own in one module for all
// cases, example.com/NAME, so that what they generate compiles in one go build.
type testCase struct {
	name    string
	file    string
	archive *txtar.Archive
	dir     string
	written bool // what it generates is on the disk
}

// TestCases loads, checks and emits every case. A case with a section "diagnostics" gives just
// those; the others give none, and their output is compiled, vetted and run.
func TestCases(t *testing.T) {
	root := module(t)
	cases := readCases(t, root)
	if *update {
		defer func() {
			for _, c := range cases {
				files.Write(t, c.file, txtar.Format(c.archive))
			}
		}()
	}
	t.Run("generate", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.generate(t)
			})
		}
	})
	if t.Failed() {
		return
	}
	compile(t, root, cases)
	for _, c := range cases {
		c.run(t, root)
	}
}

// module makes the module that the cases stand in.
func module(t *testing.T) string {
	t.Helper()
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	files.Write(t, filepath.Join(root, "go.mod"), []byte("module example.com\n\ngo 1.26.0\n\n"+
		"require github.com/necrostack/necrogen v0.0.0\n\n"+
		"replace github.com/necrostack/necrogen => "+repository+"\n"))
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOPROXY", "off") // what is missing is missing everywhere in the same way
	t.Setenv("GONOSUMDB", "*") // the modules are those of go.sum: nobody is asked for their sums
	t.Setenv("GOWORK", "off")
	return root
}

func readCases(t *testing.T, root string) []*testCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var cases []*testCase
	for _, file := range paths {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		c := &testCase{name: name, file: file, archive: archive, dir: filepath.Join(root, name)}
		for _, f := range archive.Files {
			if !expectation(f.Name) {
				files.Write(t, filepath.Join(c.dir, f.Name), f.Data)
			}
		}
		cases = append(cases, c)
	}
	return cases
}

func expectation(name string) bool {
	return name == wantDiagnostics || name == wantStdout || strings.HasPrefix(name, wantPrefix)
}

// generate runs the pipeline in the folder of the case.
func (c *testCase) generate(t *testing.T) {
	topology, diags, err := source.Load(context.Background(), c.dir, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	diags = append(diags, check.Check(topology)...)
	var changes []write.Change
	if len(diags) == 0 {
		changes, diags, err = write.Plan(topology, templates.Emit)
	}
	switch {
	case err != nil:
		t.Fatal(err)
	case c.section(wantDiagnostics) != nil:
		c.expectDiagnostics(t, diags)
		return
	case len(diags) > 0:
		t.Fatalf("unexpected diagnostics:\n%s", c.render(t, diags))
	}
	if err := write.Apply(changes); err != nil {
		t.Fatal(err)
	}
	c.written = true
	for _, f := range c.archive.Files {
		if name, ok := strings.CutPrefix(f.Name, wantPrefix); ok {
			c.expect(t, f.Name, []byte(files.Read(t, filepath.Join(c.dir, name))))
		}
	}
}

func (c *testCase) render(t *testing.T, diags []diag.Diagnostic) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := diag.Text(&b, c.dir, diag.Style{}, diags); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (c *testCase) expectDiagnostics(t *testing.T, diags []diag.Diagnostic) {
	t.Helper()
	if len(diags) == 0 {
		t.Error("no diagnostics")
	}
	c.expect(t, wantDiagnostics, c.render(t, diags))
}

// expect compares with a section of the case, or rewrites it.
func (c *testCase) expect(t *testing.T, name string, got []byte) {
	t.Helper()
	f := c.section(name)
	if *update {
		f.Data = got
		return
	}
	if !bytes.Equal(bytes.TrimSpace(f.Data), bytes.TrimSpace(got)) {
		t.Errorf("%s of %s: got\n%s\nwant\n%s", name, c.file, got, f.Data)
	}
}

func (c *testCase) section(name string) *txtar.File {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			return &c.archive.Files[i]
		}
	}
	return nil
}

// compile builds and vets what all successful cases generated, in one go.
func compile(t *testing.T, root string, cases []*testCase) {
	t.Helper()
	var patterns []string
	for _, c := range cases {
		if c.written {
			patterns = append(patterns, "./"+c.name+"/...")
		}
	}
	if len(patterns) == 0 {
		return // -run chose only cases with diagnostics
	}
	bin := filepath.Join(root, "bin") + string(filepath.Separator)
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	gocommand.Run(t, root, append([]string{"build", "-o", bin}, patterns...)...)
	gocommand.Run(t, root, append([]string{"vet"}, patterns...)...)
	t.Setenv("GOARCH", "386") // where an int has 32 bits
	gocommand.Run(t, root, append([]string{"vet"}, patterns...)...)
}

// run runs the program of a case that says what it prints. Its package main stands in the
// folder of the case.
func (c *testCase) run(t *testing.T, root string) {
	t.Helper()
	if !c.written || c.section(wantStdout) == nil {
		return
	}
	out, err := exec.Command(filepath.Join(root, "bin", c.name)).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", c.name, err, out)
		return
	}
	c.expect(t, wantStdout, out)
}
