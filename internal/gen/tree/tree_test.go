package tree

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
)

func TestFolders(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{
		"a/b/b.go", "a/a.go", "z/_z.go", ".git/c.go", "_old/o.go", "testdata/t.go", "vendor/v.go", "other/go.mod", "other/deep/d.go",
		"a/go.mod.d/x.go", "go.mod",
	} {
		files.Write(t, filepath.Join(root, filepath.FromSlash(name)), "")
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
