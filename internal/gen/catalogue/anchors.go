package catalogue

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// newPage finds the structs and works out where each heading is found, since links stand in front of their
// targets.
func newPage(title string, g *graph.Graph) *page {
	p := &page{graph: g, structs: heldStructs(g), anchors: map[any]string{}}
	taken := map[string]int{}
	head := func(of any, heading string) {
		p.anchors[of] = headingAnchor(heading, taken)
	}
	head("title", title)
	head("chains", "Chains")
	head("events", "Events")
	for _, e := range g.Events {
		head(e, e.Name)
	}
	if len(p.structs) > 0 {
		head("structs", "Structs")
	}
	for _, t := range p.structs {
		head(t, t.Desc)
	}
	head("organs", "Organs")
	for _, o := range g.Organs {
		head(o, o.Name)
	}
	return p
}

// heldStructs returns the named structs that the events and the states of organs hold and that are none themselves.
func heldStructs(g *graph.Graph) []*model.Type {
	var list []*model.Type
	seen := map[*model.Type]bool{}
	var holders []*model.Event
	for _, e := range g.Events {
		holders = append(holders, e.Event)
	}
	for _, o := range g.Organs {
		holders = append(holders, o.State())
	}
	for _, e := range holders {
		if e == nil || e.Struct == nil {
			continue
		}
		e.Struct.Find(wireParts, func(t *model.Type) bool {
			if t.Kind == model.Struct && t.Name != "" && t.Event == nil && !seen[t] {
				list = append(list, t)
			}
			seen[t] = true
			return false
		})
	}
	return list
}

// wireParts lists what a type is made of on the wire.
func wireParts(t *model.Type) []*model.Type {
	parts := []*model.Type{t.Key, t.Elem}
	if t.Kind == model.Struct {
		for _, f := range t.WireFields() {
			parts = append(parts, f.Type)
		}
	}
	return parts
}

// headingAnchor returns the anchor of a heading: in small letters, with hyphens for spaces and without all other signs. One
// that comes again is numbered.
func headingAnchor(heading string, taken map[string]int) string {
	base := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	name, n := base, taken[base]
	for n > 0 {
		name = base + "-" + strconv.Itoa(n)
		if _, used := taken[name]; !used {
			break
		}
		n++
	}
	taken[base] = n + 1
	if name != base {
		taken[name] = 1
	}
	return name
}
