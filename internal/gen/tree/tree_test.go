package tree

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFolders(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{
		"a/b/b.go", "a/a.go", "z/_z.go", ".git/c.go", "_old/o.go", "testdata/t.go", "vendor/v.go", "other/go.mod", "other/deep/d.go",
		"a/go.mod.d/x.go", "go.mod",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var folders, files []string
	for folder, entries := range Folders(root) {
		rel, _ := filepath.Rel(root, folder)
		folders = append(folders, filepath.ToSlash(rel))
		for _, e := range entries {
			if IsGo(e) {
				files = append(files, e.Name())
			}
		}
	}
	if want := []string{".", "a", "a/b", "a/go.mod.d", "z"}; !slices.Equal(folders, want) {
		t.Errorf("folders %v, want %v", folders, want)
	}
	if want := []string{"a.go", "b.go", "x.go"}; !slices.Equal(files, want) {
		t.Errorf("files %v, want %v", files, want)
	}
}

func TestFoldersStops(t *testing.T) {
	for range Folders(t.TempDir()) {
		break
	}
	for folder := range Folders(filepath.Join(t.TempDir(), "missing")) {
		t.Errorf("found %s", folder)
	}
}
