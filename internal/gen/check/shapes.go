package check

import (
	"go/ast"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// walk goes through the shape of one event.
type walk struct {
	*checker
	pkg   *model.Package // that is generated
	pos   model.Pos      // of the innermost field that stands in source that can be changed
	path  string         // from its struct on: "Order.Price"
	steps []diag.Step    // from the event on
	stack []*model.Type  // structs around: a recursive type comes again

	// boundary is the type of another module that leads to where the walk is, and owner the struct
	// that it looks into; both are nil in types of this module.
	boundary, owner *model.Type
	// asked says that a validator enters the value, and level are the rules that it has for it.
	asked bool
	level *model.Rules
}

// visit is a struct that was judged. One of another module has no places of its own, so it is judged
// for each field that leads to it.
type visit struct {
	t     *model.Type
	pos   model.Pos
	asked bool
}

// rootStruct is a struct of a package that code is generated for by itself, and not because another one holds it.
type rootStruct struct {
	pos    model.Pos // of its name
	goName string
	typ    *model.Type
}

// rootStructs returns the structs of a package's events and states, and its shared ones.
func rootStructs(p *model.Package) []rootStruct {
	var all []rootStruct
	for _, e := range p.Coded() {
		all = append(all, rootStruct{e.Pos, e.GoName, e.Struct})
	}
	for _, s := range p.Shared {
		all = append(all, rootStruct{s.Pos, s.GoName, s.Struct})
	}
	return slices.DeleteFunc(all, func(r rootStruct) bool { return r.typ == nil || r.typ.Kind != model.Struct })
}

// checkShapes judges the structs of a package's events and states, those that it shares, and the types in them.
func (c *checker) checkShapes(p *model.Package) {
	for _, r := range rootStructs(p) {
		w := walk{checker: c, pkg: p, pos: r.pos, path: r.goName, steps: []diag.Step{{Name: r.goName}}, asked: true}
		w.judgeStruct(r.typ)
	}
	c.checkShared(p)
	c.checkReachable(p)
	c.foreignMistakes()
}

// checkShared refuses to share structs whose codecs no other package could call.
func (c *checker) checkShared(p *model.Package) {
	for _, s := range p.Shared {
		refuse := func(desc, hint string) {
			c.addDiag(diag.New(diag.WrongTarget, s.Directive.Pos, directive.Codec, belongs[directive.Codec], desc).WithHint("%s", hint))
		}
		switch {
		case s.Struct == nil: // its declaration is told of
		case p.Test:
			refuse("a struct type of a test file", "take the directive away: nothing outside of the test can hold the struct")
		case !ast.IsExported(s.GoName):
			refuse("an unexported struct type", "export "+s.GoName+", or take the directive away: no other package can hold it")
		case s.Struct.Kind == model.Foreign:
			refuse("a type that encodes itself", "take the directive away: its own methods are called everywhere")
		case s.Struct.Kind != model.Struct && s.Struct.Kind != model.Invalid:
			refuse("a type of another kind", "take the directive away: such a type needs no codec of its own")
		}
	}
}

// addWithWay adds a diagnostic with the path to its subject.
func (w walk) addWithWay(d diag.Diagnostic) { w.addAtField(d.WithPath(w.steps...)) }

// stepInto goes one step further.
func (w walk) stepInto(name string, t *model.Type) walk {
	w.steps = append(slices.Clip(w.steps), diag.Step{Name: name, Type: t.Desc})
	return w
}

// judgeStruct judges the fields of a struct: once where it is declared, or once for each field that
// leads into another module.
func (w walk) judgeStruct(t *model.Type) {
	w = w.enterStruct(t)
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
		inner := w.stepInto("."+f.Name, f.Type)
		if inner.path = w.path + "." + f.Name; f.Pos.IsValid() {
			inner.pos = f.Pos
			if t.Name != "" {
				inner.path = t.Name + "." + f.Name
			}
		}
		inner.asked, inner.level = w.asked && (f.Exported || f.Embedded) && !areIgnored(f.Rules), f.Rules
		inner.judgeField(t, f)
	}
	w.wireNames(t)
}

// enterStruct notes whose struct the walk goes into. An event of another package brings its own rules.
func (w walk) enterStruct(t *model.Type) walk {
	w.asked = w.asked && !stopValidator(w.level) && (t.Event == nil || t.Path == w.pkg.Path)
	switch {
	case hasPosition(t) || len(t.Fields) == 0:
		w.boundary, w.owner = nil, nil
	case w.owner == nil:
		w.boundary, w.owner = t, t
	default:
		w.owner = t
	}
	return w
}

func areIgnored(rules *model.Rules) bool { return rules != nil && rules.Ignored() }

// stopValidator says that rules keep the validator out of the struct that they are about.
func stopValidator(rules *model.Rules) bool {
	return rules != nil && slices.ContainsFunc(rules.List, func(r *model.Rule) bool {
		entry, ok := rule.Find(r.Name)
		return ok && entry.Form == rule.Stop
	})
}

// enterElements goes to the elements of a slice, an array or a map, which only dive makes a validator enter.
func (w walk) enterElements(t *model.Type) walk {
	w = w.stepInto("[]", t)
	if w.asked = w.asked && w.level != nil && w.level.Dive != nil; w.asked {
		w.level = w.level.Dive
	}
	return w
}

// enterKeys goes to the keys of a map, which no validator enters.
func (w walk) enterKeys(t *model.Type) walk {
	w = w.stepInto("[key]", t)
	w.asked = false
	return w
}

func hasPosition(t *model.Type) bool {
	return len(t.Fields) > 0 && t.Fields[0].Pos.IsValid()
}

// judgeValue judges the type of a field, an element or a key. pointer says that a pointer leads to it.
func (w walk) judgeValue(t *model.Type, pointer bool) {
	if t.Kind == model.Invalid {
		w.addAtField(diag.New(diag.TypeError, w.pos, w.path, t.Problem).WithHint("%s", typeErrorHint(t.Problem)))
		return
	}
	for _, r := range refused {
		if r.match(t) {
			w.addWithWay(diag.New(diag.Refused, w.pos, w.path, t.Desc).WithHint("%s", r.hint))
			return
		}
	}
	if t.Kind == model.Foreign {
		w.judgeMarshaler(t, pointer)
		return
	}
	w.judgeInside(t)
}

// judgeInside judges what a value holds. A slice or a map may hold itself, too.
func (w walk) judgeInside(t *model.Type) {
	if t.Name != "" && t.Kind != model.Struct {
		if slices.Contains(w.stack, t) {
			return
		}
		w.stack = append(slices.Clip(w.stack), t)
	}
	switch t.Kind {
	case model.Slice, model.Array:
		w.enterElements(t.Elem).judgeValue(t.Elem, false)
	case model.Pointer:
		w.judgeValue(t.Elem, t.Name == "")
	case model.Map:
		w.enterKeys(t.Key).judgeMapKey(t.Key)
		w.enterElements(t.Elem).judgeValue(t.Elem, false)
	case model.Struct:
		w.judgeStruct(t)
	}
}
