package source

import (
	"maps"
	"slices"
)

// findExports finds the export data of everything outside the main module that declarations
// refer to: in the cache, or by go list, which is slow.
func (l *loader) findExports() (map[string]*listed, error) {
	paths := slices.Sorted(maps.Keys(l.exports))
	if len(paths) == 0 {
		return nil, nil
	}
	key := l.exportKey(paths)
	cache := openExportCache()
	if found := cache.get(key, paths); found != nil {
		return found, nil
	}
	all, err := listExport(l.ctx, l.dir, paths)
	if err != nil {
		return nil, err
	}
	found := map[string]*listed{}
	for _, p := range all {
		found[p.ImportPath] = p
	}
	cache.put(key, paths, found)
	return found, nil
}
