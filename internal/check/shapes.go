package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/rule"
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

	// boundary is the type of another module that leads to where the walk is, and owner the struct
	// that it looks into; both are nil in types of this module.
	boundary, owner *spec.Type
	// asked says that a validator enters the value, and level are the rules that it has for it.
	asked bool
	level *spec.Rules
}

// visit is a struct that was judged. One of another module has no places of its own, so it is judged
// for each field that leads to it.
type visit struct {
	t     *spec.Type
	pos   spec.Pos
	asked bool
}

// shapes judges the structs of a package's events, and what they hold.
func (c *checker) shapes(p *spec.Package) {
	for _, e := range p.Events {
		if e.Struct != nil && e.Struct.Kind == spec.Struct {
			w := walk{checker: c, pkg: p, pos: e.Pos, path: e.GoName, steps: []diag.Step{{Name: e.GoName}}, asked: true}
			w.structure(e.Struct)
		}
	}
	c.reachable(p)
	c.foreignMistakes()
}

// tell adds a diagnostic with the way to what it is about.
func (w walk) tell(d diag.Diagnostic) { w.add(d.WithPath(w.steps...)) }

// step goes one step further.
func (w walk) step(name string, t *spec.Type) walk {
	w.steps = append(slices.Clip(w.steps), diag.Step{Name: name, Type: t.Desc})
	return w
}

// structure judges the fields of a struct: once where it is declared, or once for each field that
// leads into another module.
func (w walk) structure(t *spec.Type) {
	w = w.enter(t)
	here := visit{t: t}
	if w.owner != nil {
		here.pos, here.asked = w.pos, w.asked
	}
	if w.visited[here] {
		return
	}
	w.visited[here] = true
	w.stack = append(slices.Clip(w.stack), t)
	for _, f := range t.Fields {
		inner := w.step("."+f.Name, f.Type)
		if inner.path = w.path + "." + f.Name; f.Pos.IsValid() {
			inner.pos = f.Pos
			if t.Name != "" {
				inner.path = t.Name + "." + f.Name
			}
		}
		inner.asked, inner.level = w.asked && (f.Exported || f.Embedded) && !ignored(f.Rules), f.Rules
		inner.judge(t, f)
	}
	w.wireNames(t)
}

// enter notes whose struct the walk goes into. An event of another package brings its own rules.
func (w walk) enter(t *spec.Type) walk {
	w.asked = w.asked && !stops(w.level) && (t.Event == nil || t.Path == w.pkg.Path)
	switch {
	case positioned(t) || len(t.Fields) == 0:
		w.boundary, w.owner = nil, nil
	case w.owner == nil:
		w.boundary, w.owner = t, t
	default:
		w.owner = t
	}
	return w
}

func ignored(rules *spec.Rules) bool { return rules != nil && rules.Ignored() }

// stops says that rules keep the validator out of the struct that they are about.
func stops(rules *spec.Rules) bool {
	return rules != nil && slices.ContainsFunc(rules.List, func(r *spec.Rule) bool {
		entry, ok := rule.Find(r.Name)
		return ok && entry.Form == rule.Stop
	})
}

// elements goes to the elements of a slice, an array or a map, which only dive makes a validator enter.
func (w walk) elements(t *spec.Type) walk {
	w = w.step("[]", t)
	if w.asked = w.asked && w.level != nil && w.level.Dive != nil; w.asked {
		w.level = w.level.Dive
	}
	return w
}

// keys goes to the keys of a map, which no validator enters.
func (w walk) keys(t *spec.Type) walk {
	w = w.step("[key]", t)
	w.asked = false
	return w
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
		w.elements(t.Elem).value(t.Elem, false)
	case spec.Pointer:
		w.value(t.Elem, t.Name == "")
	case spec.Map:
		w.keys(t.Key).key(t.Key)
		w.elements(t.Elem).value(t.Elem, false)
	case spec.Struct:
		w.structure(t)
	}
}
