package model

import (
	"go/ast"
	"slices"
	"strings"
)

// Way is a step on the way into a type: ".Legs", "[]" for elements, "[key]" for keys.
type Way struct {
	Name  string
	Type  *Type
	Field *Field // nil for elements and keys
}

// Obstacle is something that code in another package can't refer to.
type Obstacle struct {
	Way []Way  // from the struct to it
	Why string // as a sentence; empty for Rules
	// Hidden says that another field hides it, Rules that only the validator of an embedded
	// struct is out of reach.
	Hidden, Rules bool
}

// Obstacles returns what code in a package can't refer to in a struct. It must be able to write
// down the types of structs and of what slices, maps and pointers hold, and to select the fields
// of embedded structs.
func (t *Type) Obstacles(pkg string) []Obstacle {
	var list []Obstacle
	r := newReach(pkg)
	r.lookIntoStruct(t, &list)
	return list
}

// Delegated says whether code in a package leaves a struct to the methods that are generated for
// it: an event of another package in which there is an obstacle.
func (t *Type) Delegated(pkg string) bool { return newReach(pkg).isDelegated(t) }

// isDelegated returns Delegated, which it asks once for each type: an event may hold another one, which holds a third.
func (r reach) isDelegated(t *Type) bool {
	if !r.isForeignEvent(t) {
		return false
	}
	left, known := r.delegated[t]
	if !known {
		r.delegated[t] = false // while it is looked into: a struct in it may hold it
		var list []Obstacle
		r.lookIntoStruct(t, &list)
		left = slices.ContainsFunc(list, func(o Obstacle) bool { return !o.Rules }) // its own Validate is called
		r.delegated[t] = left
	}
	return left
}

// isForeignEvent says that a struct is an event of another package. Either nothing in it is in the way,
// or it is left to its own methods: those who hold it need not look into it.
func (r reach) isForeignEvent(t *Type) bool {
	return t.Kind == Struct && t.Event != nil && t.Path != r.pkg
}

// lookIntoStruct collects the obstacles in a struct.
func (r reach) lookIntoStruct(t *Type, list *[]Obstacle) {
	r.list, r.seen, r.told = list, map[*Type]bool{t: true}, map[*Type]bool{}
	r.around, r.validated = nil, false
	r.lookIntoFields(nil, t, t)
}

func newReach(pkg string) reach { return reach{pkg: pkg, delegated: map[*Type]bool{}} }

type reach struct {
	pkg  string
	list *[]Obstacle
	seen map[*Type]bool // types that were looked into
	told map[*Type]bool // types that were looked at for their names
	// delegated holds the answers of leaves.
	delegated map[*Type]bool

	around []*Type // embedded structs that it stands in
	// validated is true inside of an embedded event of another package, whose Validate is called.
	validated bool
}

// lookIntoFields looks into a struct. outer is the one whose selectors lead to the fields.
func (r reach) lookIntoFields(way []Way, outer, t *Type) {
	for _, f := range t.Fields {
		if f.Skip || f.Embedded && !f.Exported && f.Type.Kind != Struct {
			continue
		}
		here := append(slices.Clip(way), Way{"." + f.Name, f.Type, f})
		if f.Inline {
			r.lookIntoEmbedded(here, outer, f)
			continue
		}
		if path := outer.Selected(f.Name); len(path) == 0 || path[len(path)-1] != f {
			r.tellObstacle(Obstacle{Way: here, Why: "another field hides it", Hidden: true})
		}
		if f.OmitEmpty && f.Type.Omits() && r.isDelegated(f.Type) {
			r.tellObstacle(Obstacle{Way: here, Why: "omitempty asks for fields of " + f.Type.Desc + " that are not exported"})
		}
		r.lookIntoValue(here, f.Type)
	}
}

// Omits says whether a struct leaves fields out, those behind embedded pointers that are nil among them.
// Then it may be empty.
func (t *Type) Omits() bool {
	return t.Kind == Struct && slices.ContainsFunc(t.WireFields(), func(f *Field) bool { return f.OmitEmpty })
}

func (r reach) tellObstacle(o Obstacle) { *r.list = append(*r.list, o) }

// lookIntoEmbedded looks into an embedded struct. It must be written down to make one where a pointer is
// nil, and to declare the function that checks its rules. Its fields alone need no name of it.
func (r reach) lookIntoEmbedded(way []Way, outer *Type, f *Field) {
	t := f.Type.Pointed()
	switch why := t.whyUnnameable(r.pkg); {
	case why == "":
	case !r.validated && t.hasRules():
		r.tellObstacle(Obstacle{Way: way, Rules: true})
	case f.Type.Kind == Pointer:
		r.lookAtNamed(way, t)
	}
	if slices.Contains(r.around, t) {
		return // it embeds itself
	}
	r.around = append(slices.Clip(r.around), t)
	r.validated = r.validated || t.Event != nil && t.Path != r.pkg
	if f.Exported || f.Path == r.pkg {
		outer = t
	}
	r.lookIntoFields(way, outer, t)
}

func (r reach) lookIntoValue(way []Way, t *Type) {
	if t.Kind == Struct {
		r.lookAtNamed(way, t)
	}
	if r.seen[t] {
		return
	}
	r.seen[t] = true
	switch t.Kind {
	case Struct:
		if !r.isForeignEvent(t) {
			r.around, r.validated = nil, false
			r.lookIntoFields(way, t, t)
		}
	case Pointer:
		r.lookIntoElement(way, t.Elem)
	case Slice, Array, Map:
		if t.Key != nil {
			r.lookIntoElement(append(slices.Clip(way), Way{"[key]", t.Key, nil}), t.Key)
		}
		r.lookIntoElement(append(slices.Clip(way), Way{"[]", t.Elem, nil}), t.Elem)
	}
}

func (r reach) lookIntoElement(way []Way, t *Type) {
	r.lookAtNamed(way, t)
	r.lookIntoValue(way, t)
}

// lookAtNamed looks at a type that must be written down.
func (r reach) lookAtNamed(way []Way, t *Type) {
	if r.told[t] {
		return
	}
	r.told[t] = true
	if why := t.whyUnnameable(r.pkg); why != "" {
		r.tellObstacle(Obstacle{Way: way, Why: why})
	}
}

// whyUnnameable says why a type can't be written down in a package; "" when it can.
func (t *Type) whyUnnameable(pkg string) string {
	if t.Name != "" {
		for _, a := range t.Args {
			if why := a.whyUnnameable(pkg); why != "" {
				return why
			}
		}
		return t.whyOutside(pkg)
	}
	for _, part := range []*Type{t.Key, t.Elem} {
		if part != nil {
			if why := part.whyUnnameable(pkg); why != "" {
				return why
			}
		}
	}
	for _, f := range t.Fields {
		if !f.Exported && f.Path != pkg {
			return "the unnamed struct has the unexported field " + f.Name + " of another package"
		}
		if why := f.Type.whyUnnameable(pkg); why != "" {
			return why
		}
	}
	return ""
}

// whyOutside says why a named type is out of reach; "" when it is not.
func (t *Type) whyOutside(pkg string) string {
	switch {
	case t.Path == "" || t.Path == pkg:
		return ""
	case !ast.IsExported(t.Name):
		return t.Desc + " is not exported"
	case t.PkgName == "main":
		return "package main, with " + t.Desc + ", can't be imported"
	}
	parent, internal := internalTo(t.Path)
	if internal && pkg != parent && !strings.HasPrefix(pkg, parent+"/") {
		return t.Path + ", with " + t.Desc + ", is internal to " + parent
	}
	return ""
}

// internalTo is the path that an internal package is for.
func internalTo(path string) (parent string, internal bool) {
	path = "/" + path + "/"
	i := strings.LastIndex(path, "/internal/")
	if i <= 0 {
		return "", i == 0
	}
	return path[1:i], true
}
