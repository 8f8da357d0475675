package check

import (
	"go/token"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// reach looks for what the generated file of a package can't refer to, in its events and in the
// structs of other packages that they hold.
type reach struct {
	walk
	pkg  *spec.Package
	seen map[*spec.Type]bool

	validated bool // inside of an event of another package, whose own Validate is called
}

// reachable judges the events of a package.
func (c *checker) reachable(p *spec.Package) {
	for _, e := range p.Events {
		if e.Struct != nil && e.Struct.Kind == spec.Struct {
			w := walk{checker: c, pos: e.Pos, path: e.GoName, steps: []diag.Step{{Name: e.GoName}}}
			r := reach{walk: w, pkg: p, seen: map[*spec.Type]bool{e.Struct: true}}
			r.fields(e.Struct, e.Struct)
		}
	}
}

// fields judges the fields of a struct. outer is the struct that they are inlined into.
func (r reach) fields(outer, t *spec.Type) {
	for _, f := range t.Fields {
		if f.Skip || f.Embedded && !f.Exported && f.Type.Kind != spec.Struct {
			continue
		}
		inner := r
		inner.walk = r.step("."+f.Name, f.Type)
		if inner.path = r.path + "." + f.Name; f.Pos.IsValid() && t.Path == r.pkg.Path {
			inner.pos = f.Pos
		}
		switch {
		case f.Inline && f.Exported || f.Inline && f.Path == r.pkg.Path:
			inner.embedded(f)
			inner.inlined(f.Type.Pointed(), f.Type.Pointed())
		case f.Inline:
			inner.embedded(f)
			inner.inlined(outer, f.Type)
		default:
			inner.promoted(outer, f)
			inner.value(f.Type)
		}
	}
}

// embedded reports an embedded struct that can't be written down where it must be: to make the one
// that a pointer points to, and to declare the function that checks its rules. Its fields alone
// need no name of it.
func (r reach) embedded(f *spec.Field) {
	t := f.Type.Pointed()
	switch {
	case r.unnameable(t) == "":
	case !r.validated && hasRules(t, nil):
		r.tell(diag.New(diag.RuleUnreachable, r.pos, r.path, t.Desc).
			WithHint("export the type, or hold it in a field with a name"))
	case f.Type.Kind == spec.Pointer:
		r.named(t)
	}
}

// inlined judges the fields of an embedded struct, unless it stands in itself.
func (r reach) inlined(outer, t *spec.Type) {
	if !slices.Contains(r.stack, t) {
		r.stack = append(slices.Clip(r.stack), t)
		r.validated = r.validated || t.Event != nil && t.Event.Path != r.pkg.Path
		r.fields(outer, t)
	}
}

// promoted judges a field that is reached through a struct that this package can't name: its
// name must lead to it.
func (r reach) promoted(outer *spec.Type, f *spec.Field) {
	path := outer.Selected(f.Name)
	if len(path) > 0 && path[len(path)-1] == f {
		return
	}
	r.tell(diag.New(diag.Unreachable, r.pos, r.path, "another field hides it").
		WithHint("rename the field, or export the embedded type"))
}

// value judges the types that generated code must write down: of structs, and of what slices,
// maps and pointers hold.
func (r reach) value(t *spec.Type) {
	switch t.Kind {
	case spec.Struct:
		r.named(t)
		if !r.seen[t] {
			r.seen[t] = true
			r.fields(t, t)
		}
	case spec.Slice, spec.Array, spec.Pointer, spec.Map:
		if r.seen[t] {
			return
		}
		r.seen[t] = true
		if t.Key != nil {
			key := r
			key.walk = r.step("[key]", t.Key)
			key.element(t.Key)
		}
		elem := r
		if t.Kind != spec.Pointer {
			elem.walk = r.step("[]", t.Elem)
		}
		elem.element(t.Elem)
	}
}

func (r reach) element(t *spec.Type) {
	if t.Kind != spec.Struct {
		r.named(t)
	}
	r.value(t)
}

// named reports a type that can't be written down here.
func (r reach) named(t *spec.Type) {
	bad := r.unnameable(t)
	if bad == "" || r.reported(t) {
		return
	}
	r.tell(diag.New(diag.Unreachable, r.pos, r.path, bad).
		WithHint("generated code must name it: export it, or move the event into its package"))
}

// reported remembers what was told once.
func (r reach) reported(t *spec.Type) bool {
	again := r.seen[t]
	r.seen[t] = true
	return again
}

// unnameable says why a type can't be written down in the package; "" when it can.
func (r reach) unnameable(t *spec.Type) string {
	if t.Name != "" {
		for _, a := range t.Args {
			if bad := r.unnameable(a); bad != "" {
				return bad
			}
		}
		return r.outside(t)
	}
	for _, part := range []*spec.Type{t.Key, t.Elem} {
		if part != nil {
			if bad := r.unnameable(part); bad != "" {
				return bad
			}
		}
	}
	for _, f := range t.Fields {
		if !f.Exported && f.Path != r.pkg.Path {
			return "the unnamed struct has the unexported field " + f.Name + " of another package"
		}
		if bad := r.unnameable(f.Type); bad != "" {
			return bad
		}
	}
	return ""
}

// outside says why a named type is out of reach; "" when it is not.
func (r reach) outside(t *spec.Type) string {
	switch {
	case t.Path == "" || t.Path == r.pkg.Path:
		return ""
	case !token.IsExported(t.Name):
		return t.Desc + " is not exported"
	case t.PkgName == "main":
		return "package main, with " + t.Desc + ", can't be imported"
	case internalTo(t.Path) != "" && !within(r.pkg.Path, internalTo(t.Path)):
		return t.Path + ", with " + t.Desc + ", is internal to " + internalTo(t.Path)
	}
	return ""
}

// internalTo is the path that an internal package is for; "" for others.
func internalTo(path string) string {
	path = "/" + path + "/"
	i := strings.LastIndex(path, "/internal/")
	if i <= 0 {
		return ""
	}
	return path[1:i]
}

func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}
