package source

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

const (
	// runtimePath is where users' code finds package necro.
	runtimePath = "github.com/necrostack/necrogen/runtime"
	// contractPath is what all generated code imports.
	contractPath = runtimePath + "/contract"
)

// loader is one run.
type loader struct {
	ctx  context.Context
	dir  string
	fset *token.FileSet

	listed map[string]*listed // by import path
	roots  []*listed          // what the patterns name, sorted

	patterns []string

	units   []*unit          // in the order in which they were needed
	bases   map[string]*unit // units that are no test unit, by import path
	exports map[string]bool  // packages outside the main module that declarations refer to

	env func() environment // what decides what the go command does, for the cache

	imports *importer
	endless bool // there are types that can't be looked into
	found   *findings
	diags   []diag.Diagnostic
}

// unit is a set of files that are type-checked together: a package of the main module, or the
// same with its test files.
type unit struct {
	listed *listed
	path   string // import path; with "_test" for an external test package
	name   string
	test   bool
	root   bool

	files    []*file // type-checked packages
	declared []*file // whose declarations are this unit's: for a test unit only the test files
	within   *unit   // of an external test package: the package with its test files, if it has any
	support  bool    // only imported: nothing of it is modelled

	pkg    *types.Package
	info   *types.Info
	errors []types.Error
	model  *model.Package
}

// Load reads the packages that the patterns name, and of the others what their annotated
// declarations refer to. It works in dir. The diagnostics are about source that can't be read
// or does not type-check where it matters; the error is for what stops it altogether: no
// module, no go command.
func Load(ctx context.Context, dir string, patterns []string) (*model.Topology, []diag.Diagnostic, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("finding the folder: %w", err)
	}
	l := &loader{
		ctx: ctx, dir: dir, fset: token.NewFileSet(),
		listed: map[string]*listed{}, bases: map[string]*unit{}, exports: map[string]bool{},
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	l.env, l.patterns = askEnvironment(ctx, dir), patterns
	if err := l.listPackages(patterns); err != nil {
		return nil, nil, err
	}
	empty := l.addRoots()
	if err := l.addDependencies(); err != nil {
		return nil, nil, err
	}
	if err := l.typecheckUnits(); err != nil {
		return nil, nil, err
	}
	if l.endless {
		return &model.Topology{}, l.diags, nil
	}
	l.buildModel()
	return l.collectTopology(empty), l.diags, nil
}

// listPackages asks for packages and remembers them.
func (l *loader) listPackages(patterns []string) error {
	found, err := runGoList(l.ctx, l.dir, patterns)
	if err != nil {
		return err
	}
	for _, p := range found {
		if l.listed[p.ImportPath] != nil {
			continue
		}
		l.listed[p.ImportPath] = p
		if !p.DepOnly {
			l.roots = append(l.roots, p)
		}
	}
	slices.SortFunc(l.roots, func(a, b *listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return nil
}

// addRoots makes units of the packages with annotations, and returns those without: they may
// still have a generated file that is in the way.
func (l *loader) addRoots() (empty []*model.Package) {
	for _, p := range l.roots {
		if d, failed := l.notLoaded(p); failed {
			l.addDiagnostic(d)
			continue
		}
		if !l.addRoot(p) {
			empty = append(empty, &model.Package{Path: p.ImportPath, Name: p.Name, Dir: p.Dir, Root: true})
		}
	}
	return empty
}

// notLoaded says why a package can't be generated, when that is so.
func (l *loader) notLoaded(p *listed) (d diag.Diagnostic, failed bool) {
	why := p.loadFailure()
	switch {
	case p.ImportPath == "command-line-arguments": // the go command's name for a list of files
		return diag.New(diag.NotLoaded, token.Position{}, strings.Join(l.patterns, " "), "a file is no package").
			WithHint("name its folder, or nothing for this folder: a generated file is about a whole package"), true
	case strings.HasPrefix(why, "build constraints exclude all Go files"):
		return diag.New(diag.NotLoaded, token.Position{}, p.ImportPath, why).
			WithHint("generated code is built everywhere: declare events and organs in files without a constraint, or leave the folder out"), true
	case why != "":
		return diag.New(diag.NotLoaded, token.Position{}, p.ImportPath, why), true
	case !p.inMainModule():
		return diag.New(diag.NotLoaded, token.Position{}, p.ImportPath, "it is not in the main module"), true
	}
	return diag.Diagnostic{}, false
}

// addRoot adds the units of one package and says whether the package itself is one.
func (l *loader) addRoot(p *listed) bool {
	base := l.readBase(p)
	ignored := readFiles(p.Dir, p.IgnoredGoFiles, false)
	for _, f := range ignored {
		f.ignored = true
	}
	isUnit := mayBeAnnotated(base) || mayBeAnnotated(ignored)
	if isUnit {
		u := l.addBase(p, base)
		u.root = true
		l.onePackage(u)
		u.declared = append(slices.Clip(u.files), l.parseAll(ignored)...)
	}
	l.addTests(p, base)
	return isUnit
}

// readBase reads the files of a package that are no tests.
func (l *loader) readBase(p *listed) []*file {
	if u := l.bases[p.ImportPath]; u != nil {
		return u.files
	}
	names := slices.Concat(p.GoFiles, p.CgoFiles, withoutTests(p.InvalidGoFiles))
	slices.Sort(names)
	return readFiles(p.Dir, slices.Compact(names), false)
}

// addBase makes a unit of a package of the main module, once.
func (l *loader) addBase(p *listed, files []*file) *unit {
	if u := l.bases[p.ImportPath]; u != nil {
		return u
	}
	l.parseAll(files)
	u := &unit{listed: p, path: p.ImportPath, name: p.Name, files: files, declared: files}
	l.bases[p.ImportPath] = u
	l.units = append(l.units, u)
	return u
}

// addTests makes the test unit of a root. One folder has one: necro_gen_test.go has one
// package clause.
func (l *loader) addTests(p *listed, base []*file) {
	tests := readFiles(p.Dir, slices.Concat(p.TestGoFiles, p.XTestGoFiles, onlyTests(p.InvalidGoFiles)), true)
	if !mayBeAnnotated(tests) {
		return
	}
	var inside, outside []*file
	for _, f := range l.parseAll(tests) {
		if f.ast.Name.Name == p.Name+"_test" {
			outside = append(outside, f)
		} else {
			inside = append(inside, f)
		}
	}
	l.parseAll(base)
	within := &unit{
		listed: p, path: p.ImportPath, name: p.Name, test: true, files: slices.Concat(base, inside), declared: inside,
	}
	if mayBeAnnotated(inside) {
		within.root = true
		l.units = append(l.units, within)
	}
	if mayBeAnnotated(outside) {
		l.addOutside(p, outside, within)
	}
	if mayBeAnnotated(inside) && mayBeAnnotated(outside) {
		l.addDiagnostic(diag.New(diag.TwoTestUnits, l.positionOf(outside[0].ast.Name.Pos()),
			p.Name, p.Name+"_test", model.TestFile).
			WithHint("declare them in one of the two"))
	}
}

// addOutside adds an external test package. It sees more of the package that it tests than others do, where that
// package has test files of its own.
func (l *loader) addOutside(p *listed, files []*file, within *unit) {
	u := &unit{
		listed: p, path: p.ImportPath + "_test", name: p.Name + "_test", test: true, root: true,
		files: files, declared: files,
	}
	if len(within.declared) > 0 {
		u.within = within
		if !within.root {
			within.support = true
			l.units = append(l.units, within)
		}
	}
	l.units = append(l.units, u)
}

func (l *loader) parseAll(files []*file) []*file {
	for _, f := range files {
		f.parseSyntax(l.fset)
	}
	return files
}

// collectTopology collects the built packages, sorted, a package before its test unit.
func (l *loader) collectTopology(empty []*model.Package) *model.Topology {
	pkgs := empty
	for _, u := range l.units {
		if u.model != nil {
			pkgs = append(pkgs, u.model)
		}
	}
	slices.SortStableFunc(pkgs, func(a, b *model.Package) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return boolCompare(a.Test, b.Test)
	})
	return &model.Topology{Packages: pkgs}
}

func (l *loader) addDiagnostic(d diag.Diagnostic) { l.diags = append(l.diags, d) }

// positionOf tells where something stands in its file, whatever a //line comment says of it: that
// is the file to be changed.
func (l *loader) positionOf(p token.Pos) model.Pos { return l.fset.PositionFor(p, false) }

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func onlyTests(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasSuffix(n, "_test.go") })
}

func withoutTests(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.HasSuffix(n, "_test.go") })
}
