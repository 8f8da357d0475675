package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// walk goes through the shape of one event.
type walk struct {
	*checker
	pkg   *spec.Package // that is generated
	pos   spec.Pos      // of the innermost field that stands in source that can be changed
	path  string        // from its struct on: "Order.Price"
	steps []diag.Step   // from the event on
	stack []*spec.Type  // structs around: a recursive type comes again
}

// shapes judges the structs of a package's events, and what they hold.
func (c *checker) shapes(p *spec.Package) {
	for _, e := range p.Events {
		if e.Struct != nil && e.Struct.Kind == spec.Struct {
			w := walk{checker: c, pkg: p, pos: e.Pos, path: e.GoName, steps: []diag.Step{{Name: e.GoName}}}
			w.structure(e.Struct)
		}
	}
	c.reachable(p)
}

// tell adds a diagnostic with the way to what it is about.
func (w walk) tell(d diag.Diagnostic) { w.add(d.WithPath(w.steps...)) }

// step goes one step further.
func (w walk) step(name string, t *spec.Type) walk {
	w.steps = append(slices.Clip(w.steps), diag.Step{Name: name, Type: t.Desc})
	return w
}

// structure judges the fields of a struct, once for each struct whose fields have places, or in
// which there is nothing to tell.
func (w walk) structure(t *spec.Type) {
	if slices.Contains(w.stack, t) || w.visited[t] {
		return
	}
	before := len(w.diags)
	w.stack = append(slices.Clip(w.stack), t)
	for _, f := range t.Fields {
		inner := w.step("."+f.Name, f.Type)
		if inner.path = w.path + "." + f.Name; f.Pos.IsValid() {
			inner.pos = f.Pos
			if t.Name != "" {
				inner.path = t.Name + "." + f.Name
			}
		}
		inner.field(t, f)
	}
	w.wireNames(t)
	w.visited[t] = positioned(t) || len(w.diags) == before
}

func positioned(t *spec.Type) bool {
	return len(t.Fields) > 0 && t.Fields[0].Pos.IsValid()
}

// value judges the type of a field, an element or a key. pointer says that a pointer leads to it.
func (w walk) value(t *spec.Type, pointer bool) {
	if t.Kind == spec.Invalid {
		w.add(diag.New(diag.TypeError, w.pos, w.path, t.Problem).WithHint("%s", typeErrorHint(t.Problem)))
		return
	}
	for _, r := range refused {
		if r.match(t) {
			w.tell(diag.New(diag.Refused, w.pos, w.path, t.Desc).WithHint("%s", r.hint))
			return
		}
	}
	if t.Kind == spec.Foreign {
		w.marshaler(t, pointer)
		return
	}
	w.inside(t)
}

// inside judges what a value holds. A slice or a map may hold itself, too.
func (w walk) inside(t *spec.Type) {
	if t.Name != "" && t.Kind != spec.Struct {
		if slices.Contains(w.stack, t) {
			return
		}
		w.stack = append(slices.Clip(w.stack), t)
	}
	switch t.Kind {
	case spec.Slice, spec.Array:
		w.step("[]", t.Elem).value(t.Elem, false)
	case spec.Pointer:
		w.value(t.Elem, t.Name == "")
	case spec.Map:
		w.step("[key]", t.Key).key(t.Key)
		w.step("[]", t.Elem).value(t.Elem, false)
	case spec.Struct:
		w.structure(t)
	}
}
