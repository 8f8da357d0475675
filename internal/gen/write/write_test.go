package write

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
)

func packageIn(dir string) *model.Topology {
	return &model.Topology{Packages: []*model.Package{{Dir: dir, Root: true, Events: []*model.Event{{}}}}}
}

func emit(*model.Package) ([]byte, error) { return []byte(model.FirstLine + "\n"), nil }

func TestApplyWritesOnce(t *testing.T) {
	dir := t.TempDir()
	changes, diags, err := Plan(packageIn(dir), emit)
	if err != nil || len(diags) > 0 || len(changes) != 1 {
		t.Fatalf("got %v, %v, %v", changes, diags, err)
	}
	if err := Apply(changes); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, model.File))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o600 != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if changes, _, err = Plan(packageIn(dir), emit); err != nil || len(changes) > 0 {
		t.Errorf("second run: %v, %v", changes, err)
	}
}

// TestApplyIsAllOrNothing wants the first file untouched when the second can't be written.
func TestApplyIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	first := filepath.Join(dir, model.File)
	changes := []Change{
		{Path: first, New: []byte("x")},
		{Path: filepath.Join(dir, "missing", model.File), New: []byte("x")},
	}
	if err := Apply(changes); err == nil {
		t.Fatal("no error")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestPlanStopsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	_, _, err := Plan(packageIn(t.TempDir()), func(*model.Package) ([]byte, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestPlanLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, model.File)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	changes, diags, err := Plan(packageIn(dir), emit)
	if err != nil || len(changes) > 0 || len(diags) != 1 {
		t.Errorf("got %v, %v, %v", changes, diags, err)
	}
}
