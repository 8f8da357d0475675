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

// take looks at the Go files and the module files of some folders and all below, and at other files.
func take(folders, files []string) snapshot {
	s := snapshot{}
	for _, root := range folders {
		for folder, entries := range tree.Folders(root) {
			for _, e := range entries {
				if tree.IsGo(e) || isModuleFile(e.Name()) {
					s.add(filepath.Join(folder, e.Name()))
				}
			}
		}
	}
	for _, path := range files {
		s.add(path)
	}
	return s
}

// add looks at a file, behind a link if it is one. One that is gone is not there.
func (s snapshot) add(path string) {
	delete(s, path)
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeType == 0 {
		s[path] = stamp{info.ModTime(), info.Size()}
	}
}

// changed returns the files that differ from those before.
func (s snapshot) changed(before snapshot) []string {
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
