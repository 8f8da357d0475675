package invent

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// file is a file while it is being written.
type file struct {
	pkg     *pkg
	name    string
	imports map[string]string // path to the name that the file gives it; "." for a dot import
	taken   map[string]bool   // names of imports
	body    strings.Builder
	marks   []string // the codes of its mistakes, in order
}

func newFile(p *pkg, name string) *file {
	return &file{pkg: p, name: name, imports: map[string]string{}, taken: map[string]bool{}}
}

func (f *file) addDecl(text string) { f.body.WriteString("\n" + text + "\n") }

// stdNames are the names of packages that are not the end of their path.
var stdNames = map[string]string{
	"github.com/vmihailenco/msgpack/v5":      "msgpack",
	"github.com/necrostack/necrogen/runtime": "necro",
}

func stdName(importPath string) string {
	if name, ok := stdNames[importPath]; ok {
		return name
	}
	return path.Base(importPath)
}

// qualifyName refers to a name of another package, which it imports under some name.
func (f *file) qualifyName(importPath, pkgName, name string) string {
	as, ok := f.imports[importPath]
	if !ok {
		as = f.importName(importPath, pkgName)
		f.imports[importPath] = as
	}
	if as == "." {
		return name
	}
	return as + "." + name
}

// importName is the package's own name, another one, or a dot.
func (f *file) importName(importPath, pkgName string) string {
	g := f.pkg.gen
	name := pkgName
	switch g.IntN(6) {
	case 0:
		name = pickOne(g, []string{"x", "std", "ü", "b", "v", "wire", "necro", "time", "err"}) + "pkg"
	case 1:
		if f.dotFits(importPath) {
			return "."
		}
	}
	for f.taken[name] || f.pkg.names[name] || name == f.pkg.name && g.IntN(2) == 0 || name == "_" {
		name += "2"
	}
	f.taken[name] = true
	return name
}

// dotFits says whether the exported names of a package of this world may stand in the file
// without a qualifier: no name is declared in two of the packages that come together.
func (f *file) dotFits(importPath string) bool {
	g := f.pkg.gen
	i := slices.IndexFunc(g.pkgs, func(p *pkg) bool { return p.path == importPath })
	if i < 0 || slices.Contains(slices.Collect(maps.Values(f.imports)), ".") {
		return false
	}
	for name := range g.pkgs[i].names {
		if isExported(name) && f.pkg.names[name] {
			return false
		}
	}
	return true
}

// wholeSource returns the whole file. Some have a byte order mark or Windows' line ends.
func (f *file) wholeSource() string {
	g := f.pkg.gen
	var b strings.Builder
	if g.IntN(4) == 0 {
		b.WriteString("// A comment that belongs to nothing.\n\n")
	}
	b.WriteString("package " + f.pkg.name + "\n")
	f.writeImports(&b)
	b.WriteString(f.body.String())
	source := b.String()
	if g.IntN(10) == 0 {
		source = strings.ReplaceAll(source, "\n", "\r\n")
	}
	if g.IntN(20) == 0 {
		source = "\ufeff" + source
	}
	return f.findMarks(source)
}

func (f *file) writeImports(b *strings.Builder) {
	var lines []string
	for _, importPath := range slices.Sorted(maps.Keys(f.imports)) {
		line := fmt.Sprintf("%q", importPath)
		if as := f.imports[importPath]; as != stdName(importPath) || f.pkg.gen.isInvented(importPath) {
			line = as + " " + line
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 {
		b.WriteString("\nimport " + lines[0] + "\n")
	} else if len(lines) > 1 {
		b.WriteString("\nimport (\n\t" + strings.Join(lines, "\n\t") + "\n)\n")
	}
}

// isInvented says whether a package was invented: its name need not be the end of its path.
func (g *gen) isInvented(importPath string) bool {
	return strings.HasPrefix(importPath, g.module+"/")
}
