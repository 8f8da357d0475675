package write

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// put writes a file.
func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

// expect wants a folder to hold these files, and nothing else.
func expect(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(content)
	}
	if !maps.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
}

// TestApplyTakesBack wants everything as it was when a later file can't be replaced: by then
// the first ones have been.
func TestApplyTakesBack(t *testing.T) {
	dir, stubborn := t.TempDir(), filepath.Join(t.TempDir(), "folder")
	put(t, filepath.Join(dir, "changed.go"), "old")
	put(t, filepath.Join(dir, "orphan.go"), "orphan")
	mkdir(t, filepath.Join(stubborn, "full"))
	err := Apply([]Change{
		{Path: filepath.Join(dir, "new.go"), New: []byte("new")},
		{Path: filepath.Join(dir, "changed.go"), Old: []byte("old"), New: []byte("new")},
		{Path: filepath.Join(dir, "orphan.go"), Old: []byte("orphan")},
		{Path: stubborn, New: []byte("new")},
		{Path: filepath.Join(dir, "later.go"), New: []byte("new")},
	})
	if err == nil || !strings.Contains(err.Error(), "replacing "+stubborn) {
		t.Errorf("got %v", err)
	}
	expect(t, dir, map[string]string{"changed.go": "old", "orphan.go": "orphan"})
	expect(t, filepath.Join(stubborn, "full"), map[string]string{})
}

// TestApplyKeepsLinks: a file that is a link elsewhere is written there.
func TestApplyKeepsLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(dir, "a.go")
	put(t, filepath.Join(elsewhere, "real.go"), "old")
	if err := os.Symlink(filepath.Join(elsewhere, "real.go"), link); err != nil {
		t.Skip("no links here: ", err)
	}
	if err := Apply([]Change{{Path: link, Old: []byte("old"), New: []byte("new")}}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link has become %v, %v", info.Mode(), err)
	}
	expect(t, elsewhere, map[string]string{"real.go": "new"})

	if err := os.Remove(filepath.Join(elsewhere, "real.go")); err != nil {
		t.Fatal(err)
	}
	if err := Apply([]Change{{Path: link, New: []byte("new")}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to nowhere: %v", err)
	}
}

func TestApplySetsModes(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "old.go"), "old")
	if err := Apply([]Change{
		{Path: filepath.Join(dir, "new.go"), New: []byte("x")},
		{Path: filepath.Join(dir, "old.go"), Old: []byte("old"), New: []byte("x")},
		{Path: filepath.Join(dir, "own.go"), New: []byte("x"), Mode: 0o600},
	}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"new.go": 0o644, "old.go": 0o644, "own.go": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want && runtime.GOOS != "windows" {
			t.Errorf("%s: mode %v, want %v", name, got, want)
		}
	}
}
