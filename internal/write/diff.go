package write

import (
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the change as a unified diff, with paths relative to dir.
func (c Change) Diff(dir string) []byte {
	name := c.Path
	if rel, err := filepath.Rel(dir, c.Path); err == nil {
		name = filepath.ToSlash(rel)
	}
	from, to := "a/"+name, "b/"+name
	if c.Old == nil {
		from = "/dev/null"
	}
	if c.New == nil {
		to = "/dev/null"
	}
	return diff.Diff(from, c.Old, to, c.New)
}
