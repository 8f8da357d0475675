package watch

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/necrostack/necrogen/internal/gen/tree"
)

// stamp tells two versions of a file apart.
type stamp struct {
	time time.Time
	size int64
}

// snapshot is what the files that matter are like at one time.
type snapshot map[string]stamp

// takeSnapshot looks at the Go files and the module files of some folders and all below, and at other files.
func takeSnapshot(folders, files []string) snapshot {
	s := snapshot{}
	for _, root := range folders {
		for folder, entries := range tree.Folders(root) {
			for _, e := range entries {
				if tree.IsGo(e) || isModuleFile(e.Name()) {
					s.addFile(filepath.Join(folder, e.Name()))
				}
			}
		}
	}
	for _, path := range files {
		s.addFile(path)
	}
	return s
}

// addFile adds a file, or the target of a link. A file that is gone is left out.
func (s snapshot) addFile(path string) {
	delete(s, path)
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeType == 0 {
		s[path] = stamp{info.ModTime(), info.Size()}
	}
}

// changedFiles returns the files that differ from those before.
func (s snapshot) changedFiles(before snapshot) []string {
	all := maps.Clone(s)
	maps.Copy(all, before)
	return slices.Sorted(func(yield func(string) bool) {
		for path := range all {
			now, is := s[path]
			then, was := before[path]
			if (is != was || now.size != then.size || !now.time.Equal(then.time)) && !yield(path) {
				return
			}
		}
	})
}

func isModuleFile(name string) bool {
	return slices.Contains([]string{"go.mod", "go.sum", "go.work", "go.work.sum"}, name)
}
