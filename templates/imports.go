package templates

import (
	"bytes"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// importAliases gives every package that the file may name an alias where its own name would
// meet a declaration of the user's, a local variable or another package.
func (g *generator) importAliases(f *jen.File) {
	taken := map[string]bool{}
	for _, names := range []map[string]model.Pos{g.pkg.Names, g.pkg.Apart} {
		for name := range names {
			taken[name] = true
		}
	}
	for _, name := range model.Locals {
		taken[name] = true
	}
	used := g.namedPackages()
	for _, path := range slices.Sorted(maps.Keys(used)) {
		name := used[path]
		alias := name
		for i := 0; taken[alias] || token.IsKeyword(alias) || jen.IsReservedWord(alias); i++ {
			alias = name + "pkg"
			if i > 0 {
				alias += strconv.Itoa(i)
			}
		}
		taken[alias] = true
		if alias == name {
			f.ImportName(path, name)
		} else {
			f.ImportAlias(path, alias)
		}
	}
}

// namedPackages returns every package that the file may name, path to name.
func (g *generator) namedPackages() map[string]string {
	used := map[string]string{
		contractPath: "contract", wirePath: "wire", foreignPath: "foreign", rulesPath: "rules",
		"context": "context", "math": "math", "strconv": "strconv", "strings": "strings", "time": "time", "unicode/utf8": "utf8",
	}
	seen := map[*model.Type]bool{}
	for _, t := range g.pkg.Encoded() {
		typePackages(used, seen, t)
	}
	for _, o := range g.pkg.Organs {
		for _, h := range o.Methods() {
			for _, e := range handledEvents(h) {
				used[e.Path] = e.PkgName
			}
			if h.State != nil {
				used[h.State.Path] = h.State.PkgName
			}
			for _, m := range h.Emits {
				if m.Out {
					used[runtimePath] = "necro"
				}
			}
		}
	}
	delete(used, g.pkg.Path)
	return used
}

// handledEvents returns the events that a handler takes and emits, and those of its timers.
func handledEvents(h *model.Handler) []*model.Event {
	events := []*model.Event{h.Event}
	for _, r := range h.Results {
		events = append(events, r.Event)
	}
	for _, m := range h.Emits {
		events = append(events, m.Event)
	}
	return events
}

func typePackages(used map[string]string, seen map[*model.Type]bool, t *model.Type) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	if t.Path != "" && used[t.Path] == "" {
		used[t.Path] = t.PkgName
	}
	typePackages(used, seen, t.Elem)
	typePackages(used, seen, t.Key)
	for _, a := range t.Args {
		typePackages(used, seen, a)
	}
	for _, f := range t.Fields {
		typePackages(used, seen, f.Type)
	}
}

// groupImports puts the standard library's imports into a group of their own, as goimports does.
func groupImports(src []byte) []byte {
	head, rest, ok := bytes.Cut(src, []byte("import (\n"))
	if !ok {
		return src
	}
	list, rest, _ := bytes.Cut(rest, []byte(")\n"))
	var std, other []string
	for line := range strings.Lines(string(list)) {
		path := line[strings.IndexByte(line, '"')+1:]
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			other = append(other, line)
		} else {
			std = append(std, line)
		}
	}
	groups := strings.Join(std, "")
	if len(std) > 0 && len(other) > 0 {
		groups += "\n"
	}
	groups += strings.Join(other, "")
	return slices.Concat(head, []byte("import (\n"+groups+")\n"), rest)
}
