package source

import (
	"bytes"
	"slices"
)

// addDependencies adds what the units refer to: packages of the main module as units of their own, the
// others as export data. The list of units grows while it runs.
func (l *loader) addDependencies() error {
	if err := l.listTestImports(); err != nil {
		return err
	}
	for i := 0; i < len(l.units); i++ {
		u := l.units[i]
		for _, path := range l.neededPaths(u) {
			l.addDependency(path)
		}
	}
	return nil
}

// listTestImports asks for what only test files import: go list -deps leaves it out, and with
// -test it would take twice as long for everybody.
func (l *loader) listTestImports() error {
	var unknown []string
	for _, u := range l.units {
		if !u.test {
			continue
		}
		for _, f := range u.declared {
			for _, s := range f.ast.Imports {
				if path := importPath(s); path != "C" && path != "" && l.listed[path] == nil {
					unknown = append(unknown, path)
				}
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	roots := l.roots
	defer func() { l.roots = roots }()
	return l.listPackages(slices.Compact(unknown))
}

// neededPaths returns the import paths that matter to the declarations of a unit.
func (l *loader) neededPaths(u *unit) []string {
	var paths []string
	for _, f := range u.files {
		paths = append(paths, neededImports(f.ast, u.nameOf(l))...)
	}
	if u.root && hasHandlers(u.declared) {
		paths = append(paths, l.eventImports(u)...)
	}
	for i, p := range paths {
		paths[i] = u.resolveImport(p)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// addDependency makes sure that a package is there when it is imported.
func (l *loader) addDependency(path string) {
	p := l.listed[path]
	switch {
	case p == nil || path == "unsafe" || p.loadFailure() != "":
	case p.inMainModule():
		l.addBase(p, l.readBase(p))
	default:
		l.exports[path] = true
	}
}

// eventImports returns the imports that may have events for an interface handler, whether
// declarations refer to them or not: annotated packages of the main module, and others that
// use the runtime.
func (l *loader) eventImports(u *unit) []string {
	var paths []string
	for _, path := range u.importedPaths() {
		p := l.listed[path]
		if p == nil || p.Standard || path == runtimePath || path == contractPath {
			continue
		}
		if p.inMainModule() && mayBeAnnotated(l.readBase(p)) || !p.inMainModule() && slices.Contains(p.Imports, contractPath) {
			paths = append(paths, path)
		}
	}
	return paths
}

// hasHandlers says whether one of the files may declare a handler.
func hasHandlers(files []*file) bool {
	return slices.ContainsFunc(files, func(f *file) bool { return bytes.Contains(f.content, []byte("necro:handle")) })
}

// importedPaths returns the resolved paths that the unit's files import, in order. For a test unit
// those of its test files count as well.
func (u *unit) importedPaths() []string {
	var paths []string
	for _, f := range u.files {
		for _, s := range f.ast.Imports {
			paths = append(paths, u.resolveImport(importPath(s)))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// resolveImport maps an import as it is written to the package that go list found for it: the two
// differ for vendored packages.
func (u *unit) resolveImport(path string) string {
	if to := u.listed.ImportMap[path]; to != "" {
		return to
	}
	return path
}

// nameOf returns a function that tells the name of a package that the unit imports.
func (u *unit) nameOf(l *loader) func(string) string {
	return func(path string) string {
		if p := l.listed[u.resolveImport(path)]; p != nil {
			return p.Name
		}
		return ""
	}
}
