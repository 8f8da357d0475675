package source

import (
	"go/token"
	"go/types"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// foreignEvent returns the event that a type of another module is, or nil. It is known by the
// generated method, which must be its own: a struct that embeds an event has it too.
func (l *loader) foreignEvent(named *types.Named) *model.Event {
	obj := named.Obj()
	id := obj.Pkg().Path() + "." + obj.Name()
	if e, known := l.found.events[id]; known {
		return e
	}
	if !ownMethod(named, "NecroEvent", generated["NecroEvent"]) {
		return nil
	}
	e := &model.Event{
		GoName: obj.Name(), Path: obj.Pkg().Path(), PkgName: obj.Pkg().Name(),
		Foreign: true, Name: directive.DefaultEventName(obj.Name()), Version: 1,
	}
	l.found.events[id] = e
	l.readForeign(e)
	return e
}

func ownMethod(named *types.Named, name, signature string) bool {
	for i := range named.NumMethods() {
		if m := named.Method(i); m.Name() == name {
			return signatureOf(m) == signature
		}
	}
	return false
}

// readForeign takes name and version from the directive in the source of the other module.
func (l *loader) readForeign(e *model.Event) {
	p := l.listed[e.Path]
	if p == nil {
		return
	}
	for _, f := range readFiles(p.Dir, slices.Concat(p.GoFiles, p.CgoFiles), false) {
		if !mayBeAnnotated([]*file{f}) {
			continue
		}
		f.parseSyntax(l.fset)
		for _, d := range l.directivesIn(f) {
			if d.Verb == directive.Event && !d.Near && d.Target.Name == e.GoName && d.target.typ != nil {
				e.Pos = d.Target.Pos
				describeEvent(e, d.Directive)
				return
			}
		}
	}
	l.addDiagnostic(diag.New(diag.NoDirective, token.Position{}, e.Path+"."+e.GoName, p.Dir).
		WithHint("its name can't be known; ask the author of the module to publish its source"))
}
