package write

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// Emit returns the contents of a package's generated file. It is called for several at a time.
type Emit func(*model.Package) ([]byte, error)

// Change is a file that is not as it should be.
type Change struct {
	Path string
	Old  []byte // nil when it is missing
	New  []byte // nil when it is orphaned

	Mode fs.FileMode // of the new file; 0 is 0644
}

// Diagnostic is the fault of the file.
func (c Change) Diagnostic() diag.Diagnostic {
	code, pos := diag.Stale, token.Position{Filename: c.Path}
	switch {
	case c.Old == nil:
		code = diag.Missing
	case c.New == nil:
		code = diag.Orphan
	}
	return diag.New(code, pos, filepath.Base(c.Path)).WithHint("run go generate, or necrogen")
}

// Plan emits the files of all root packages and compares them with those on the disk. It writes nothing.
func Plan(t *model.Topology, emit Emit) ([]Change, []diag.Diagnostic, error) {
	wanted, err := emitAll(t, emit)
	if err != nil {
		return nil, nil, err
	}
	var changes []Change
	var diags []diag.Diagnostic
	for _, path := range candidatePaths(t) {
		c, err := compareFile(path, wanted[path])
		switch {
		case err != nil:
			return nil, nil, err
		case c == nil:
		case c.Old != nil && !bytes.HasPrefix(c.Old, []byte(model.FirstLine)):
			if c.New != nil {
				diags = append(diags, notOurs(path, c.Old))
			}
		default:
			changes = append(changes, *c)
		}
	}
	return changes, diags, nil
}

// compareFile returns the change to make at a path, or nil when the file there is as wanted.
func compareFile(path string, wanted []byte) (*Change, error) {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return nil, fmt.Errorf("reading the generated file: %w", err)
	case old == nil:
		old = []byte{} // there, and empty
	}
	if old == nil && wanted == nil || old != nil && wanted != nil && bytes.Equal(withoutReturns(old), wanted) {
		return nil, nil
	}
	return &Change{Path: path, Old: old, New: wanted}, nil
}

// withoutReturns takes the carriage returns away that git may add to a checkout on Windows: they make no
// file stale.
func withoutReturns(content []byte) []byte {
	if !bytes.Contains(content, []byte("\r\n")) {
		return content
	}
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}

func notOurs(path string, content []byte) diag.Diagnostic {
	d := diag.New(diag.NotOurs, token.Position{Filename: path, Line: 1, Column: 1}, filepath.Base(path))
	if bytes.Contains(content, []byte("\n"+model.FirstLine)) {
		return d.WithHint("something stands above its first line: remove the file, and keep generated files from the tool that adds licences or comments")
	}
	return d.WithHint("rename it, or remove it if it is not needed")
}

// emitAll returns the wanted files of the root packages by path. It emits on all processors: this
// is half of what many packages take.
func emitAll(t *model.Topology, emit Emit) (map[string][]byte, error) {
	packages := slices.DeleteFunc(slices.Clone(t.Packages), func(p *model.Package) bool {
		return !p.Root || !p.Generates()
	})
	contents, errs := make([][]byte, len(packages)), make([]error, len(packages))
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, p := range packages {
		slots <- struct{}{}
		group.Go(func() {
			contents[i], errs[i] = emit(p)
			<-slots
		})
	}
	group.Wait()
	wanted := map[string][]byte{}
	for i, p := range packages {
		if errs[i] != nil {
			return nil, fmt.Errorf("generating for %s: %w", p.Path, errs[i])
		}
		wanted[filepath.Join(p.Dir, fileName(p))] = contents[i]
	}
	return wanted, nil
}

// candidatePaths returns every path at which a root package may have a generated file, wanted or not.
func candidatePaths(t *model.Topology) []string {
	var paths []string
	seen := map[string]bool{}
	for _, p := range t.Packages {
		if p.Root && !seen[p.Dir] {
			seen[p.Dir] = true
			paths = append(paths, filepath.Join(p.Dir, model.File), filepath.Join(p.Dir, model.TestFile))
		}
	}
	return paths
}

func fileName(p *model.Package) string {
	if p.Test {
		return model.TestFile
	}
	return model.File
}
