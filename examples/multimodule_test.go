package examples

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	// What checks the modules, so that go test runs this again after a change of it.
	_ "github.com/necrostack/necrogen/internal/gen/check"
	_ "github.com/necrostack/necrogen/internal/gen/source"
	_ "github.com/necrostack/necrogen/internal/gen/write"
	_ "github.com/necrostack/necrogen/templates"

	_ "github.com/necrostack/necrogen/backends/memory"
)

// TestMultimodule does what the README of the example tells, in its workspace and without a
// network: what is generated is current in both modules, and the program prints what it should.
func TestMultimodule(t *testing.T) {
	readAll(t, "multimodule")
	workspace(t, "tool", "necrogen", "check", "./events/...", "./organs/...")
	got := strings.Split(strings.TrimSpace(workspace(t, "run", "./organs")), "\n")
	page, err := os.ReadFile("multimodule/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, printed, _ := strings.Cut(string(page), "```text\n")
	printed, _, _ = strings.Cut(printed, "\n```")
	want := strings.Split(printed, "\n")
	slices.Sort(got) // three organs work at a time
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the program prints\n%s\nits README promises\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// workspace runs a go command in the workspace of the example.
func workspace(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = "multimodule"
	cmd.Env = append(os.Environ(), "GOWORK=", "GOPROXY=off", "GONOSUMDB=*")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, stderr.String(), out)
	}
	return string(out)
}

// readAll reads a folder, so that go test runs a test again when one of its files has changed.
func readAll(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			_, err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
