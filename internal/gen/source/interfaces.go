package source

import (
	"go/types"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// expandInterfaces turns interface handlers into one handler for each event that they take.
func (b *builder) expandInterfaces() {
	for _, f := range b.funcs {
		o := b.organs[f.Recv]
		if f.Directive.Verb != directive.Handle || o == nil || !takesRole(f, model.RoleInterface) {
			continue
		}
		iface, ok := f.sig.Params().At(f.EventAt()).Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for _, e := range b.implementersOf(iface) {
			if takesConcretely(o, e) {
				f.Covered = true
				continue
			}
			h := newHandler(f.Func)
			h.Event, h.Interface, h.Pointer, h.Every = e, true, true, takesEveryEvent(iface)
			o.Handlers = append(o.Handlers, h)
		}
	}
}

// takesEveryEvent says that an interface asks for nothing but what all events have, as necro.Event does.
func takesEveryEvent(iface *types.Interface) bool {
	for m := range iface.Methods() {
		if signature, ok := generated[m.Name()]; !ok || signature != signatureOf(m) {
			return false
		}
	}
	return true
}

// takesConcretely says whether a handler of the organ takes exactly this event: it goes before one
// that takes an interface.
func takesConcretely(o *model.Organ, e *model.Event) bool {
	return slices.ContainsFunc(o.Handlers, func(h *model.Handler) bool { return h.Event == e && !h.Interface })
}

// implementersOf returns the events of the unit's package and its direct imports that implement
// an interface: its own first, then by import path, each package's in its own order. Older
// versions are left out: they are upcast before anyone handles them.
func (b *builder) implementersOf(iface *types.Interface) []*model.Event {
	var out []*model.Event
	for _, c := range b.candidateEvents() {
		if b.isNewest(c.event) && willImplement(c.named, iface) {
			out = append(out, c.event)
		}
	}
	return out
}

// candidate is an event that an interface handler might take.
type candidate struct {
	event *model.Event
	named *types.Named
}

func (b *builder) candidateEvents() []candidate {
	var out []candidate
	if base := b.bases[b.unit.listed.ImportPath]; base != nil && base != b.unit && b.unit.path == base.path {
		out = b.eventsIn(out, base.model.Events, b.unit.pkg)
	}
	out = b.eventsIn(out, b.unit.model.Events, b.unit.pkg)
	for _, path := range b.unit.importedPaths() {
		if u := b.bases[path]; u != nil && u != b.unit {
			out = b.eventsIn(out, u.model.Events, u.pkg)
		} else if pkg := b.imports.external[path]; pkg != nil {
			out = b.foreignIn(out, pkg)
		}
	}
	return out
}

// eventsIn adds declared events with their types. An event of an internal package part, one
// with an unexported name, is its package's own affair.
func (b *builder) eventsIn(out []candidate, events []*model.Event, pkg *types.Package) []candidate {
	for _, e := range events {
		obj := pkg.Scope().Lookup(e.GoName)
		if obj == nil || !obj.Exported() && e.Path != b.unit.path {
			continue
		}
		if named, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			out = append(out, candidate{e, named})
		}
	}
	return out
}

// foreignIn adds the generated events of a package of another module.
func (b *builder) foreignIn(out []candidate, pkg *types.Package) []candidate {
	for _, name := range pkg.Scope().Names() {
		obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !obj.Exported() || obj.IsAlias() {
			continue
		}
		if named, ok := obj.Type().(*types.Named); ok {
			if e := b.foreignEvent(named); e != nil {
				out = append(out, candidate{e, named})
			}
		}
	}
	return out
}

// isNewest says that no event of the same name that is loaded has a higher version.
func (l *loader) isNewest(e *model.Event) bool {
	for _, other := range l.found.events {
		if other.Name == e.Name && other.Version > e.Version {
			return false
		}
	}
	return true
}

// generated are the methods that every event has once it is generated, and their types.
var generated = map[string]string{
	"NecroEvent":    "func() *" + contractPath + ".EventType",
	"Validate":      "func() error",
	"AppendMsgpack": "func([]byte) ([]byte, error)",
	"ReadMsgpack":   "func([]byte) ([]byte, error)",
}

// willImplement says whether *T has the methods of an interface, or will have them once it is
// generated.
func willImplement(named *types.Named, iface *types.Interface) bool {
	for i := range iface.NumMethods() {
		want := iface.Method(i)
		if signature, ok := generated[want.Name()]; ok && signature == signatureOf(want) {
			continue
		}
		got := methodIn(named, want.Pkg(), want.Name()) // an interface may be sealed
		if got == nil || signatureOf(got) != signatureOf(want) {
			return false
		}
	}
	return true
}
