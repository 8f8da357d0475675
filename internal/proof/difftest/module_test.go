package difftest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/templates"
)

// modulePath lies below this package's: only there may code import what is internal here.
const modulePath = "github.com/necrostack/necrogen/internal/proof/difftest/invented"

// module is a module of generated source in a folder of the test.
type module struct{ root string }

// newModule makes one with the requirements of this module.
func newModule(t *testing.T) *module {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	m := &module{root: t.TempDir()}
	if *keep != "" {
		m.root = *keep
	}
	gomod := strings.NewReplacer(
		"module github.com/necrostack/necrogen/internal/proof/difftest\n", "module "+modulePath+"\n",
		"=> ../../..", "=> "+filepath.Dir(filepath.Dir(filepath.Dir(here))),
	).Replace(files.Read(t, "go.mod"))
	gomod += "\nrequire github.com/necrostack/necrogen/internal/proof/difftest v0.0.0\n" +
		"\nreplace github.com/necrostack/necrogen/internal/proof/difftest => " + here + "\n"
	m.write(t, "go.mod", gomod)
	m.write(t, "go.sum", files.Read(t, "go.sum"))
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMDB", "*") // the modules are those of go.sum: nobody is asked for their sums
	t.Setenv("GOWORK", "off")
	return m
}

func (m *module) path(name string) string { return filepath.Join(m.root, filepath.FromSlash(name)) }

func (m *module) write(t *testing.T, name, content string) {
	t.Helper()
	files.Write(t, m.path(name), content)
}

// plan says what is wrong with packages, and what generating them would change.
func (m *module) plan(t *testing.T, patterns ...string) ([]write.Change, []diag.Diagnostic) {
	t.Helper()
	topology, diags, err := source.Load(context.Background(), m.root, patterns)
	if err != nil {
		t.Fatal(err)
	}
	if diags = append(diags, check.Check(topology)...); len(diags) > 0 {
		return nil, diags
	}
	changes, diags, err := write.Plan(topology, templates.Emit)
	if err != nil {
		t.Fatal(err)
	}
	return changes, diags
}

// generate writes what generating the packages changes. A second run has nothing to do.
func (m *module) generate(t *testing.T, patterns ...string) {
	t.Helper()
	changes, diags := m.plan(t, patterns...)
	if len(diags) > 0 {
		t.Fatalf("nothing is wrong, but\n%s", head(m.render(diags), 60))
	}
	if err := write.Apply(changes); err != nil {
		t.Fatal(err)
	}
	if again, diags := m.plan(t, patterns...); len(again)+len(diags) > 0 {
		t.Fatalf("a second run: %d changes\n%s", len(again), m.render(diags))
	}
}

func (m *module) render(diags []diag.Diagnostic) string {
	var b bytes.Buffer
	_ = diag.Text(&b, m.root, diag.Style{}, diags)
	return b.String()
}

// head cuts a text after some lines.
func head(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) > n {
		return strings.Join(lines[:n], "") + fmt.Sprintf("… and %d more lines\n", len(lines)-n)
	}
	return text
}

// run runs the go command, without the race detector: what is compiled here is large, and has
// no goroutines.
func (m *module) run(t *testing.T, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = m.root
	out, err := cmd.CombinedOutput()
	return string(out), err
}
