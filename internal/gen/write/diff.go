package write

import (
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/necrostack/necrogen/internal/gen/shortpath"
)

// Diff returns the change as a unified diff, with paths relative to dir, and without the
// carriage returns that a checkout on Windows may have added.
func (c Change) Diff(dir string) []byte {
	from, to := c.diffNames(dir)
	return diff.Diff(from, withoutReturns(c.Old), to, c.New)
}

// diffNames returns the names of the old and the new file, with prefixes as git writes them.
func (c Change) diffNames(dir string) (from, to string) {
	name := shortpath.Below(dir, c.Path)
	from, to = name, name
	if !filepath.IsAbs(name) {
		from, to = "a/"+name, "b/"+name
	}
	if c.Old == nil {
		from = "/dev/null"
	}
	if c.New == nil {
		to = "/dev/null"
	}
	return from, to
}

// Done says what Apply did, with the path relative to dir.
func (c Change) Done(dir string) string {
	if c.New == nil {
		return "removed " + shortpath.Below(dir, c.Path)
	}
	return "wrote " + shortpath.Below(dir, c.Path)
}
