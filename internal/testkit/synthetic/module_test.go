package synthetic

import (
	"bytes"
	"context"
	"go/format"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/templates"
)

// TestCompiles: what is measured is a program that works.
func TestCompiles(t *testing.T) {
	dir := t.TempDir()
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"GOWORK": "off", "GOFLAGS": ""} {
		t.Setenv(name, value)
	}
	if err := Write(dir, repository, 2); err != nil {
		t.Fatal(err)
	}
	topology, diags, err := source.Load(context.Background(), dir, []string{"./..."})
	if diags = append(diags, check.Check(topology)...); err != nil || len(diags) > 0 {
		t.Fatal(diags, err)
	}
	changes, _, err := write.Plan(topology, templates.Emit)
	if err != nil || len(changes) != 3 {
		t.Fatalf("%d files, %v", len(changes), err)
	}
	if err := write.Apply(changes); err != nil {
		t.Fatal(err)
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestFormatted: as a user's code would be.
func TestFormatted(t *testing.T) {
	for name, content := range files("/repository", 2) {
		if filepath.Ext(name) != ".go" {
			continue
		}
		if got, err := format.Source([]byte(content)); err != nil || !bytes.Equal(got, []byte(content)) {
			t.Errorf("%s is not formatted: %v\n%s", name, err, content)
		}
	}
}
