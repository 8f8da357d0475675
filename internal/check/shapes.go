package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// notYet lists what the codec can't do yet. To lift a restriction, take its line away.
var notYet = []struct {
	what  string
	match func(*spec.Type) bool
}{
	{"any", func(t *spec.Type) bool { return t.Kind == spec.Any }},
	{"the type error", func(t *spec.Type) bool { return t.Kind == spec.Error }},
	{"a type that encodes itself", func(t *spec.Type) bool { return t.Kind == spec.Foreign }},
	{"a map whose keys are not strings", func(t *spec.Type) bool {
		return t.Kind == spec.Map && t.Key.Kind != spec.String
	}},
	{"a pointer to a pointer", func(t *spec.Type) bool {
		return t.Kind == spec.Pointer && t.Elem.Kind == spec.Pointer
	}},
	{"an anonymous struct", func(t *spec.Type) bool { return t.Kind == spec.Struct && t.Name == "" }},
}

// fieldNotYet lists what a field may not be yet.
var fieldNotYet = []struct {
	what  string
	match func(*spec.Field) bool
}{
	{"an embedded pointer", func(f *spec.Field) bool { return f.Embedded && f.Type.Kind == spec.Pointer && !f.Skip }},
	{"an embedded type that is unexported and no struct", func(f *spec.Field) bool {
		return f.Embedded && !f.Exported && !f.Skip && f.Type.Kind != spec.Struct && f.Type.Kind != spec.Pointer
	}},
	{"the msgpack option intern", func(f *spec.Field) bool { return hasOption(f, "intern") }},
}

// refused lists what is never encoded, with what to do about it.
var refused = []struct {
	match func(*spec.Type) bool
	hint  string
}{
	{isAtomic, "copying it is a bug: take the plain type"},
	{func(t *spec.Type) bool { return t.Name == "uintptr" }, "take uint64"},
	{func(t *spec.Type) bool { return t.Kind == spec.Other }, "leave it out with `msgpack:\"-\"`, or keep it in the organ"},
}

func isAtomic(t *spec.Type) bool { return t.Path == "sync/atomic" }

func hasOption(f *spec.Field, name string) bool {
	return slices.ContainsFunc(f.Options, func(o spec.TagOption) bool { return o.Name == name })
}

// walk goes through the shape of one event.
type walk struct {
	*checker
	pos   spec.Pos     // of the innermost field that stands in source that can be changed
	path  string       // from its struct on: "Order.Price"
	stack []*spec.Type // structs around: a recursive type comes again
}

// shapes judges the structs of a package's events, and what they hold.
func (c *checker) shapes(p *spec.Package) {
	for _, e := range p.Events {
		if e.Struct != nil && e.Struct.Kind == spec.Struct {
			walk{checker: c, pos: e.Pos, path: e.GoName}.structure(e.Struct)
		}
	}
}

// structure judges the fields of a struct, once for each struct whose fields have places.
func (w walk) structure(t *spec.Type) {
	if slices.Contains(w.stack, t) {
		w.notSupported("a recursive type", t)
		return
	}
	if w.visited[t] {
		return
	}
	if positioned(t) {
		w.visited[t] = true
	}
	w.stack = append(slices.Clip(w.stack), t)
	for _, f := range t.Fields {
		inner := w
		if inner.path = w.path + "." + f.Name; f.Pos.IsValid() {
			inner.pos = f.Pos
			if t.Name != "" {
				inner.path = t.Name + "." + f.Name
			}
		}
		inner.field(t, f)
	}
	w.wireNames(t)
}

func positioned(t *spec.Type) bool {
	return len(t.Fields) > 0 && t.Fields[0].Pos.IsValid()
}

// value judges the type of a field, an element or a key.
func (w walk) value(t *spec.Type) {
	if t.Kind == spec.Invalid {
		w.add(diag.New(diag.TypeError, w.pos, w.path, t.Problem))
		return
	}
	for _, r := range notYet {
		if r.match(t) {
			w.notSupported(r.what, t)
			return
		}
	}
	for _, r := range refused {
		if r.match(t) {
			w.add(diag.New(diag.Refused, w.pos, w.path, t.Desc).WithHint("%s", r.hint))
			return
		}
	}
	w.inside(t)
}

// inside judges what a value holds.
func (w walk) inside(t *spec.Type) {
	switch t.Kind {
	case spec.Slice, spec.Array, spec.Pointer:
		w.value(t.Elem)
	case spec.Map:
		w.value(t.Key)
		w.value(t.Elem)
	case spec.Struct:
		w.structure(t)
	}
}

func (w walk) notSupported(what string, t *spec.Type) {
	if t != nil && t.Path != "" {
		what += " (" + t.Desc + ")"
	}
	w.add(diag.New(diag.NotSupported, w.pos, w.path, what).WithHint("leave it out with `msgpack:\"-\"`"))
}
