package source

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// exportCache remembers where the go command's build cache has the export data of packages. To
// ask for that takes go list longer than everything else together.
//
// An answer is a small file whose name is the key. A file of the build cache never changes, but
// is removed when it was not used for some days: so an answer counts only while all its files
// are there. What can't be read or written is left out: then it is just slower.
type exportCache struct{ dir string }

// maxAnswers bounds the cache. An answer takes a few kilobytes.
const maxAnswers = 200

// openExportCache returns the user's cache. It has no folder where the system has none for
// caches.
func openExportCache() exportCache {
	dir, err := os.UserCacheDir()
	if err != nil {
		return exportCache{}
	}
	return exportCache{filepath.Join(dir, "necrogen", "exports")}
}

// exportFile is the export data of one package.
type exportFile struct {
	Path string // import path
	File string
	Size int64
}

// get returns the packages, with Export set, or nil when not all of them are known.
func (c exportCache) get(key string, paths []string) map[string]*listed {
	if c.dir == "" || key == "" {
		return nil
	}
	var files []exportFile
	content, err := os.ReadFile(filepath.Join(c.dir, key))
	if err != nil || json.Unmarshal(content, &files) != nil {
		return nil
	}
	found := map[string]*listed{}
	for _, f := range files {
		if info, err := os.Stat(f.File); err != nil || info.Size() != f.Size {
			return nil
		}
		found[f.Path] = &listed{ImportPath: f.Path, Export: f.File}
	}
	if slices.ContainsFunc(paths, func(path string) bool { return found[path] == nil }) {
		return nil
	}
	return found
}

// put remembers what go list found, when all packages have export data.
func (c exportCache) put(key string, paths []string, found map[string]*listed) {
	if c.dir == "" || key == "" {
		return
	}
	var files []exportFile
	for _, path := range paths {
		p := found[path]
		if p == nil || p.Export == "" {
			return
		}
		info, err := os.Stat(p.Export)
		if err != nil {
			return
		}
		files = append(files, exportFile{path, p.Export, info.Size()})
	}
	content, err := json.Marshal(files)
	if err == nil && os.MkdirAll(c.dir, 0o755) == nil && c.writeAtOnce(key, content) == nil {
		c.removeOldest()
	}
}

// writeAtOnce puts the file there in one step, so that a concurrent reader sees all of it or nothing.
func (c exportCache) writeAtOnce(key string, content []byte) error {
	f, err := os.CreateTemp(c.dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.dir, key))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// removeOldest removes the oldest answers, and what a process left that was ended while it wrote.
func (c exportCache) removeOldest() {
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) <= maxAnswers {
		return
	}
	age := map[string]int64{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			age[e.Name()] = info.ModTime().UnixNano()
		}
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return int(age[a.Name()] - age[b.Name()]) })
	for _, e := range entries[:len(entries)-maxAnswers] {
		_ = os.Remove(filepath.Join(c.dir, e.Name()))
	}
}
