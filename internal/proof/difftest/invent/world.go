package invent

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
)

// World is a few packages that import each other, in a folder of their own.
type World struct {
	Name     string // its folder in the module
	Packages []*Package
	Mistakes []Mistake
	Spoilt   bool // some of its directives and tags are changed at random

	index int
}

// Package is a folder of Go files.
type Package struct {
	Dir   string // below the module
	Path  string
	Name  string
	Files map[string]string // name to source
	// Events and Organs are the declarations of its files other than tests. A package main has none that others
	// can import.
	Events, Organs int
	// Register is the function that returns them; empty in a spoilt world, whose events may be none, and in a
	// program, which is never imported.
	Register string
}

// Mistake is a place where a diagnostic is due.
type Mistake struct {
	File     string // below the module
	Line     int
	From, To int // the lines of the wrong declaration: more diagnostics may stand there
	Code     string
}

// gen invents one world.
type gen struct {
	*rand.Rand
	module string // import path
	world  *World
	pkgs   []*pkg
	count  int
}

func pickOne[T any](g *gen, list []T) T { return list[g.IntN(len(list))] }

// pkg is a package while it is being invented.
type pkg struct {
	gen       *gen
	dir, path string
	name      string
	imports   []*pkg // that it may import
	names     map[string]bool
	types     []*typ // declared, complete, that fields may have
	shells    []*typ // structs that are still being filled
	generics  []*generic
	families  []*family // of events
	organs    []*organ
	tests     *pkg // what its test file declares
	test      bool
	decls     []decl // in the order in which they stand
}

// takeName takes a name at package level.
func (p *pkg) takeName(name string) bool {
	if p.names[name] || slices.Contains(keywords, name) {
		return false
	}
	p.names[name] = true
	return true
}

func (p *pkg) isShadowed(name string) bool { return p.names[name] }

// NewWorld invents the world with that number, for a module of that path.
func NewWorld(seed uint64, index int, module string) *World {
	g := &gen{
		Rand:   rand.New(rand.NewPCG(seed, uint64(index))),
		module: module,
		world:  &World{Name: fmt.Sprintf("w%03d", index), index: index},
	}
	for range 1 + g.IntN(3) {
		g.newPackage()
	}
	if g.IntN(6) == 0 {
		g.newProgram()
	}
	kind := g.IntN(8)
	if kind == 0 {
		g.addMistakes(pickOne(g, g.pkgs), 1+g.IntN(4))
	}
	g.world.Spoilt = kind == 1
	for _, p := range g.pkgs {
		g.world.Packages = append(g.world.Packages, p.renderFiles())
	}
	return g.world
}

// newPackage invents a package that may import those before it.
func (g *gen) newPackage() {
	name := pickOne(g, packageNames)
	base := name
	if g.IntN(5) == 0 {
		base = "go-" + name
	}
	dir := path.Join(g.world.Name, fmt.Sprintf("p%d", len(g.pkgs)), base)
	p := &pkg{
		gen: g, dir: dir, path: path.Join(g.module, dir), name: name,
		imports: slices.Clone(g.pkgs), names: map[string]bool{},
	}
	if g.IntN(4) == 0 {
		p.takeName(pickOne(g, predeclared))
		g.declareShadow(p)
	}
	g.declareAll(p)
	if g.IntN(6) == 0 {
		g.newTests(p)
	}
	g.pkgs = append(g.pkgs, p)
}

func (g *gen) declareAll(p *pkg) {
	g.declareTypes(p)
	g.declareEvents(p)
	g.declareOrgans(p)
}

// newTests invents a test file: in the package, of which it uses nothing, or in one beside it,
// which imports it.
func (g *gen) newTests(p *pkg) {
	p.tests = &pkg{gen: g, dir: p.dir, path: p.path, name: p.name, imports: p.imports, names: p.names, test: true}
	if g.IntN(2) == 0 {
		p.tests = &pkg{
			gen: g, dir: p.dir, path: p.path + "_test", name: p.name + "_test",
			imports: append(slices.Clone(p.imports), p), names: map[string]bool{}, test: true,
		}
	}
	g.declareAll(p.tests)
}

// newProgram invents a package main, which is never imported.
func (g *gen) newProgram() {
	dir := path.Join(g.world.Name, "cmd")
	p := &pkg{
		gen: g, dir: dir, path: path.Join(g.module, dir), name: "main",
		imports: slices.Clone(g.pkgs), names: map[string]bool{"main": true},
	}
	g.declareAll(p)
	p.addDecl(func(*file) string { return "func main() {}" })
	g.pkgs = append(g.pkgs, p)
}

// declareShadow declares the predeclared name that was taken.
func (g *gen) declareShadow(p *pkg) {
	for name := range p.names {
		form := pickOne(g, []string{"var %s int", "func %s() {}", "type %s struct{}", "const %s = 1"})
		p.addDecl(func(*file) string { return fmt.Sprintf(form, name) })
	}
}

// decl writes a declaration for the file that it stands in.
type decl func(*file) string

func (p *pkg) addDecl(d decl) { p.decls = append(p.decls, d) }

// visiblePackages returns the package and those that it may import.
func (p *pkg) visiblePackages() []*pkg { return append(slices.Clone(p.imports), p) }

// renderFiles spreads the declarations over files.
func (p *pkg) renderFiles() *Package {
	g := p.gen
	out := &Package{Dir: p.dir, Path: p.path, Name: p.name, Files: map[string]string{}, Organs: len(p.organs)}
	for _, fam := range p.families {
		out.Events += len(fam.versions)
	}
	var files []*file
	for i := range 1 + g.IntN(3) {
		files = append(files, newFile(p, fmt.Sprintf("%c%d.go", 'a'+rune(g.IntN(26)), i)))
	}
	g.Shuffle(len(p.decls), func(i, j int) { p.decls[i], p.decls[j] = p.decls[j], p.decls[i] })
	for _, d := range p.decls {
		f := pickOne(g, files)
		f.addDecl(d(f))
	}
	for _, f := range files {
		out.Files[f.name] = f.wholeSource()
	}
	if p.tests != nil {
		f := newFile(p.tests, "z_test.go")
		for _, d := range p.tests.decls {
			f.addDecl(d(f))
		}
		out.Files[f.name] = f.wholeSource()
	}
	if g.world.Spoilt {
		g.spoilBytes(out)
	}
	if g.world.Spoilt || p.name == "main" {
		return out
	}
	out.Register = g.typeName(p, true)
	register := newFile(p, "register.go")
	register.addDecl(p.writeRegister(register, out.Register))
	out.Files[register.name] = register.wholeSource()
	return out
}

// FileNames returns the names of a package's files, sorted.
func (p *Package) FileNames() []string { return slices.Sorted(maps.Keys(p.Files)) }

// Patterns names the packages for the go command, one by one.
func (w *World) Patterns() []string {
	var list []string
	for _, p := range w.Packages {
		list = append(list, "./"+p.Dir)
	}
	return list
}
