package templates

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// isDelegated reports whether a struct is left to its own methods: an event of another package that
// holds what this one can't name.
func (g *generator) isDelegated(t *model.Type) bool {
	others, known := g.others[t]
	if !known {
		others = t.Delegated(g.pkg.Path)
		g.others[t] = others
	}
	return others
}

// visitContents calls fn for the types that a value of a type is made of: the elements of a slice,
// the fields that are encoded. A type that encodes itself shows none.
func (g *generator) visitContents(t *model.Type, fn func(*model.Type)) {
	if !g.isDelegated(t) {
		visitEncoded(t, fn)
	}
}

// visitEncoded is contents, also of structs that are left to their own methods.
func visitEncoded(t *model.Type, fn func(*model.Type)) {
	switch t.Kind {
	case model.Map:
		fn(t.Key)
		fn(t.Elem)
	case model.Pointer, model.Slice, model.Array:
		fn(t.Elem)
	case model.Struct:
		for _, f := range t.Fields {
			if !f.Skip {
				fn(f.Type)
			}
		}
	}
}

// visitParts calls fn for all that a value of a type is made of, encoded or not.
func visitParts(t *model.Type, fn func(*model.Type)) {
	for _, part := range []*model.Type{t.Key, t.Elem} {
		if part != nil {
			fn(part)
		}
	}
	for _, f := range t.Fields {
		fn(f.Type)
	}
}

// circularTypes returns the keys of the types that are made of themselves, when inside says of what a
// type is made. With bare, those count that are so without a struct in between. It looks at every
// type once (Tarjan's algorithm).
func circularTypes(roots []*model.Type, inside func(*model.Type, func(*model.Type)), bare bool) map[string]bool {
	c := circles{inside: inside, bare: bare, numbers: map[string]int{}, open: map[string]bool{}, found: map[string]bool{}}
	for _, t := range roots {
		c.visit(t)
	}
	return c.found
}

type circles struct {
	inside  func(*model.Type, func(*model.Type))
	bare    bool
	numbers map[string]int // in the order of the first visit, from 1 on
	stack   []string       // visited types that may still turn out to be in one circle
	open    map[string]bool
	found   map[string]bool
}

// visit returns the lowest number of a type on the stack that this one leads to.
func (c *circles) visit(t *model.Type) int {
	key := typeKey(t)
	if n := c.numbers[key]; n > 0 {
		return n
	}
	low := len(c.numbers) + 1
	c.numbers[key] = low
	if c.bare && t.Kind == model.Struct {
		c.inside(t, func(inner *model.Type) { c.visit(inner) })
		return low
	}
	c.open[key] = true
	c.stack = append(c.stack, key)
	c.inside(t, func(inner *model.Type) {
		n := c.visit(inner)
		if innerKey := typeKey(inner); c.open[innerKey] {
			low = min(low, n)
			c.found[key] = c.found[key] || innerKey == key
		}
	})
	if low == c.numbers[key] {
		c.close(key)
	}
	return low
}

// close takes a circle, of which key is the first type, off the stack.
func (c *circles) close(key string) {
	i := slices.Index(c.stack, key)
	for _, k := range c.stack[i:] {
		c.found[k] = c.found[k] || len(c.stack)-i > 1
		delete(c.open, k)
	}
	c.stack = c.stack[:i]
}

// holdsItself reports whether a named slice, map, array or pointer is made of itself with no
// struct in between, so that only a function of its own comes to an end.
func (g *generator) holdsItself(t *model.Type) bool {
	return t.Name != "" && t.Kind != model.Struct && g.bare[typeKey(t)]
}

// judgeObjects says of every object whether it may stand in itself, and whether writing it may fail. For a shared struct
// the answers are the same in all packages, since they are its methods' signatures: writing one counts as what may fail.
func (g *generator) judgeObjects() {
	loops := circularTypes(g.pkg.Encoded(), visitParts, false)
	for _, o := range g.structs {
		o.nests, o.loops = g.circles[typeKey(o.typ)], loops[typeKey(o.typ)]
		if o.shared {
			o.nests = g.recursive[typeKey(o.typ)] // also through an event that this package can't look into
		}
	}
	failing := map[*model.Type]bool{}
	for _, o := range g.structs {
		o.fails = g.mayFail(o.typ, failing)
	}
}

// mayFail reports whether some values of a type can't be written. Every circle has an object
// that may stand in itself, so this comes to an end.
func (g *generator) mayFail(t *model.Type, known map[*model.Type]bool) bool {
	if o := g.objectOf(t); o != nil && (o.nests || o.shared) {
		return true
	}
	if fails, ok := known[t]; ok {
		return fails
	}
	fails := false
	switch t.Kind {
	case model.Any, model.Error, model.Foreign:
		fails = true
	case model.Struct:
		fails = g.isDelegated(t)
	case model.Map:
		k := sortedAs(t.Key)
		fails = k == model.Invalid || k == model.Float64
	}
	g.visitContents(t, func(t *model.Type) { fails = fails || g.mayFail(t, known) })
	known[t] = fails
	return fails
}

// objectOf returns the entry of a type that is written by functions of its own; nil for others.
func (g *generator) objectOf(t *model.Type) *object {
	if t.Kind != model.Struct && !g.holdsItself(t) || g.isDelegated(t) {
		return nil
	}
	return g.objectEntry(t)
}
