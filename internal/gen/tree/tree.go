// Package tree walks the folders of a module.
package tree

import (
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Folders yields the folders that ./... names in dir, dir first, with their entries: those that
// the go command passes over are left out, and so are modules below. A folder that can't be read
// is left out, too.
func Folders(dir string) iter.Seq2[string, []fs.DirEntry] {
	return func(yield func(string, []fs.DirEntry) bool) {
		folders := []string{dir}
		for len(folders) > 0 {
			folder := folders[0]
			folders = folders[1:]
			entries, err := os.ReadDir(folder)
			if err != nil || folder != dir && isModule(entries) {
				continue
			}
			if !yield(folder, entries) {
				return
			}
			folders = slices.Concat(foldersBelow(folder, entries), folders)
		}
	}
}

// IsGo says whether an entry is a Go file that the go command looks at.
func IsGo(e fs.DirEntry) bool {
	return !e.IsDir() && strings.HasSuffix(e.Name(), ".go") && !isHidden(e.Name())
}

func isModule(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "go.mod" && !e.IsDir() })
}

// foldersBelow returns the folders in a folder that have a part in ./...
func foldersBelow(folder string, entries []fs.DirEntry) []string {
	var folders []string
	for _, e := range entries {
		if e.IsDir() && !isHidden(e.Name()) && e.Name() != "testdata" && e.Name() != "vendor" {
			folders = append(folders, filepath.Join(folder, e.Name()))
		}
	}
	return folders
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }
