package lock

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// Against compares events with their locks in a git revision. The locks are those of the root
// packages, and those of packages below a pattern such as ./... that are not there any more. An event
// of one of them may stand in another package now. A revision without any lock is an error.
func Against(ctx context.Context, t *model.Topology, dir string, patterns []string, revision string) ([]diag.Diagnostic, error) {
	a := against{ctx: ctx, topology: t, revision: revision, locks: map[string]*released{}}
	for _, p := range t.Packages {
		if p.Root && !p.Test {
			if err := a.addPackage(p.Dir, p); err != nil {
				return nil, err
			}
		}
	}
	for _, below := range wholeFolders(t, dir, patterns) {
		if err := a.addGone(below); err != nil {
			return nil, err
		}
	}
	if len(a.locks) == 0 {
		return nil, fmt.Errorf("%s has no %s of these packages: there is nothing to compare with", revision, FileName)
	}
	return a.compareAll(), nil
}

type against struct {
	ctx      context.Context
	topology *model.Topology
	revision string
	locks    map[string]*released // by their paths
}

// released is a lock as it was.
type released struct {
	file *File
	pkg  *model.Package // nil for one that is gone
}

// addPackage reads the lock of a package.
func (a *against) addPackage(dir string, p *model.Package) error {
	r, err := openRepository(a.ctx, dir, a.revision)
	if err != nil {
		return err
	}
	name := r.prefix + FileName
	listed, err := r.runGit("ls-tree", "--name-only", "--full-tree", a.revision, "--", name)
	if err != nil || len(listed) == 0 {
		return err
	}
	return a.readOldLock(r, name, p)
}

func (a *against) readOldLock(r *repository, name string, p *model.Package) error {
	content, err := r.readFile(name)
	if err != nil {
		return err
	}
	old, err := Parse(content)
	if err != nil {
		return fmt.Errorf("%s at %s: %w", r.absPath(name), a.revision, err)
	}
	a.locks[r.absPath(name)] = &released{old, p}
	return nil
}

// addGone reads the locks of packages below a folder that are no packages any more. Those of another
// module are its own affair.
func (a *against) addGone(below string) error {
	r, err := openRepository(a.ctx, below, a.revision)
	if err != nil {
		return err
	}
	files, err := r.listFiles()
	if err != nil {
		return err
	}
	for _, name := range files {
		if path.Base(name) != FileName || a.locks[r.absPath(name)] != nil || !inDots(strings.TrimPrefix(name, r.prefix)) || a.otherModule(r, files, name) {
			continue
		}
		if err := a.readOldLock(r, name, nil); err != nil {
			return err
		}
	}
	return nil
}

// inDots says whether the pattern ./... takes in the folder of a file.
func inDots(name string) bool {
	return !slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(part string) bool {
		return part == "testdata" || part == "vendor" || part != "." && (part[0] == '.' || part[0] == '_')
	})
}

// otherModule says whether a file stood in a module of its own below the folder, of which no package
// is loaded now.
func (a *against) otherModule(r *repository, files []string, name string) bool {
	for dir := path.Dir(name) + "/"; len(dir) > len(r.prefix) && dir != "./"; dir = path.Dir(strings.TrimSuffix(dir, "/")) + "/" {
		if slices.Contains(files, dir+"go.mod") {
			return !slices.ContainsFunc(a.topology.Packages, func(p *model.Package) bool { return isBelow(p.Dir, r.absPath(dir)) })
		}
	}
	return false
}

func isBelow(dir, top string) bool {
	rel, err := filepath.Rel(top, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// compareAll compares all locks, in the order of their paths.
func (a *against) compareAll() []diag.Diagnostic {
	var diags []diag.Diagnostic
	for _, name := range sortedKeys(a.locks) {
		was := a.locks[name]
		own := &File{}
		if was.pkg != nil {
			own = Snapshot(was.pkg)
		}
		others := func() []*File {
			return snapshotPackages(a.topology, was.pkg, func(*model.Package) bool { return true })
		}
		diags = append(diags, Diagnostics(name, compareMoved(was.file, own, others))...)
	}
	return diags
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}

// wholeFolders are those below which patterns name all packages. The folder of an import path is known
// from a package that it leads to.
func wholeFolders(t *model.Topology, dir string, patterns []string) []string {
	var list []string
	for _, pattern := range patterns {
		base, _, all := strings.Cut(pattern, "...")
		base = strings.TrimSuffix(base, "/")
		switch {
		case !all:
			continue
		case !filepath.IsAbs(base) && base != "." && !strings.HasPrefix(base, "./") && base != ".." && !strings.HasPrefix(base, "../"):
			base = folderOf(t, base)
		case !filepath.IsAbs(base):
			base = filepath.Join(dir, base)
		}
		if info, err := os.Stat(base); base != "" && err == nil && info.IsDir() {
			list = append(list, base)
		}
	}
	return list
}

// folderOf finds the folder of an import path by a package below it; "" when there is none.
func folderOf(t *model.Topology, importPath string) string {
	for _, p := range t.Packages {
		if rel, ok := strings.CutPrefix(p.Path, importPath); ok && p.Root && (rel == "" || rel[0] == '/') {
			if folder, ok := strings.CutSuffix(filepath.ToSlash(p.Dir), rel); ok {
				return filepath.FromSlash(folder)
			}
		}
	}
	return ""
}
