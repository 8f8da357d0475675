package source

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// typecheckUnits checks all units, signatures only.
func (l *loader) typecheckUnits() error {
	exports, err := l.findExports()
	if err != nil {
		return err
	}
	l.imports = &importer{loader: l, exports: exports, external: map[string]*types.Package{}}
	for _, u := range l.units {
		l.imports.checkUnit(u)
		l.reportEndless(u)
	}
	return nil
}

// importer hands out packages: those of the main module from source, on demand; needed others
// from export data; and an empty one for an import that no declaration refers to.
type importer struct {
	loader   *loader
	exports  map[string]*listed // with Export, by import path
	external map[string]*types.Package
}

// unitImporter resolves imports as one unit writes them.
type unitImporter struct {
	*importer
	unit *unit
}

// Import implements types.Importer.
func (i unitImporter) Import(path string) (*types.Package, error) {
	path = i.unit.resolveImport(path)
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	u := i.loader.bases[path]
	if w := i.unit.within; w != nil && w.path == path {
		u = w
	}
	if u != nil {
		if pkg := i.importer.checkUnit(u); pkg.Complete() {
			return pkg, nil
		}
		return nil, errCycle
	}
	if i.loader.exports[path] {
		return i.readExport(path)
	}
	return i.emptyPackage(path)
}

// emptyPackage stands for a package whose contents are not needed. It has its name, since that is what an import
// declares.
func (i *importer) emptyPackage(path string) (*types.Package, error) {
	p := i.loader.listed[path]
	if p == nil {
		return nil, fmt.Errorf("package %s was not found", path)
	}
	if why := p.loadFailure(); why != "" {
		return nil, fmt.Errorf("%s", why)
	}
	pkg := types.NewPackage(path, p.Name)
	pkg.MarkComplete()
	return pkg, nil
}

// readExport reads a compiled package.
func (i *importer) readExport(path string) (*types.Package, error) {
	if pkg := i.external[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	p := i.exports[path]
	if p == nil || p.Export == "" {
		return nil, notCompiled(p)
	}
	f, err := os.Open(p.Export)
	if err != nil {
		return nil, fmt.Errorf("opening export data: %w", err)
	}
	defer f.Close()
	//lint:ignore SA1019 before Go 1.28 export data comes in archives, which Read alone refuses
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading export data of %s: %w", path, err)
	}
	pkg, err := gcexportdata.Read(r, token.NewFileSet(), i.external, path)
	if err != nil {
		return nil, fmt.Errorf("reading export data of %s: %w", path, err)
	}
	return pkg, nil
}

// notCompiled tells the first error of a package that has no export data.
func notCompiled(p *listed) error {
	if p == nil || p.Error == nil {
		return errors.New("it does not compile")
	}
	for line := range strings.Lines(p.Error.Err) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return fmt.Errorf("it does not compile: %s", line)
		}
	}
	return errors.New("it does not compile")
}

// errCycle is for a package that is imported while it is checked.
var errCycle = errors.New("import cycle not allowed")

// checkUnit type-checks a unit once. An import cycle ends here: the second visit gets the
// unfinished package.
func (i *importer) checkUnit(u *unit) *types.Package {
	if u.pkg != nil {
		return u.pkg
	}
	u.pkg = types.NewPackage(u.path, u.name)
	u.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Defs:  map[*ast.Ident]types.Object{},
	}
	conf := types.Config{
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Importer:         unitImporter{i, u},
		Error:            func(err error) { u.addError(err) },
	}
	var files []*ast.File
	for _, f := range u.files {
		files = append(files, f.ast)
	}
	// The errors went to the collector.
	_ = types.NewChecker(&conf, i.loader.fset, u.pkg, u.info).Files(files)
	return u.pkg
}

func (u *unit) addError(err error) {
	if e, ok := err.(types.Error); ok {
		u.errors = append(u.errors, e)
	}
}
