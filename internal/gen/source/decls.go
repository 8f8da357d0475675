package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// model is the knowledge across packages while they are built.
type findings struct {
	events   map[string]*model.Event // by import path and Go name
	states   map[string]*model.Event // the same
	shared   map[string]bool         // structs whose codecs their packages share, the same
	shapes   map[types.Type]*model.Type
	fields   map[token.Pos]*ast.Field // of the main module, by the place of their name
	problems map[string][]typeProblem // by file and line
	imports  map[string]string        // the first failed import of a file
	checks   map[string][]*model.Func // cross-field rules, by import path and Go name of their types
}

// buildModel turns type-checked units into the model: first every event, so that handlers of any
// package find them; then their shapes; then organs and handlers.
func (l *loader) buildModel() {
	l.found = &findings{
		events: map[string]*model.Event{},
		states: map[string]*model.Event{},
		shared: map[string]bool{},
		shapes: map[types.Type]*model.Type{},
		fields: map[token.Pos]*ast.Field{},
		checks: map[string][]*model.Func{},
	}
	builders := make([]*builder, 0, len(l.units))
	for _, u := range l.units {
		l.indexFields(u)
		if u.support {
			continue
		}
		if u.root {
			l.reportSyntax(u)
		}
		b := &builder{loader: l, unit: u, organs: map[string]*model.Organ{}, declared: map[string]model.Pos{}}
		b.declareAll()
		u.model.Broken = u.isBroken()
		builders = append(builders, b)
	}
	for _, b := range builders {
		b.fillShapes()
		b.organTypes()
	}
	for _, b := range builders {
		b.buildFunctions()
	}
	l.bindChecks()
	l.nameVersions()
	for _, b := range builders {
		b.expandInterfaces()
	}
}

// builder builds the model of one unit.
type builder struct {
	*loader
	unit   *unit
	placed []placed
	organs map[string]*model.Organ // by Go name
	funcs  []*function

	declared map[string]model.Pos // types with a directive, by Go name
}

// declareAll records directives, names, events, states and organs.
func (b *builder) declareAll() {
	u := b.unit
	u.model = &model.Package{
		Path: u.path, Name: u.name, Dir: u.listed.Dir, Module: b.moduleOf(u.path), Test: u.test, Root: u.root, Closed: b.isClosed(u.listed),
		Names: map[string]model.Pos{}, Apart: map[string]model.Pos{}, Patterns: map[string]bool{}, Methods: map[string]map[string]model.Pos{},
	}
	checked := map[*file]bool{}
	for _, f := range u.files {
		checked[f] = true
		b.recordNames(f.ast)
	}
	if u.root {
		b.namesApart()
	}
	for _, f := range u.declared {
		for _, p := range b.directivesIn(f) {
			u.model.Directives = append(u.model.Directives, p.Directive)
			if checked[f] && !p.Near {
				b.placed = append(b.placed, p)
			}
		}
	}
	for _, p := range b.placed {
		b.declareType(p)
	}
	b.bindSchedules()
}

// recordNames records what the file declares at package level.
func (b *builder) recordNames(f *ast.File) {
	pkg := b.unit.model
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			b.funcName(decl)
		case *ast.GenDecl:
			for _, name := range patternsIn(f, decl) {
				pkg.Patterns[name] = true
			}
			for _, id := range declaredNames(decl) {
				pkg.Names[id.Name] = b.positionOf(id.Pos())
			}
		}
	}
}

func (b *builder) funcName(decl *ast.FuncDecl) {
	pkg, pos := b.unit.model, b.positionOf(decl.Name.Pos())
	if decl.Recv == nil {
		pkg.Names[decl.Name.Name] = pos
		return
	}
	recv := b.receiverType(decl)
	if pkg.Methods[recv] == nil {
		pkg.Methods[recv] = map[string]model.Pos{}
	}
	pkg.Methods[recv][decl.Name.Name] = pos
}

// receiverType returns the type name of a method's receiver: the type itself where the source
// writes an alias, and the source's word where there is no type.
func (b *builder) receiverType(decl *ast.FuncDecl) string {
	fn, _ := b.unit.info.Defs[decl.Name].(*types.Func)
	if fn == nil || fn.Signature().Recv() == nil {
		return receiverName(decl)
	}
	t := types.Unalias(fn.Signature().Recv().Type())
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return receiverName(decl)
}

// receiverName returns the name that a receiver is written with, without pointer and type
// parameters; "" when it is malformed.
func receiverName(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return ""
	}
	expr := decl.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// declareType records the event, the state or the organ that a directive declares, once for a type. What the
// type checker makes of a second type of that name is told, since its directive is not used.
func (b *builder) declareType(p placed) {
	if p.target.typ == nil || p.Target.Kind != model.TargetStruct {
		return
	}
	if p.Verb != directive.Event && p.Verb != directive.State && p.Verb != directive.Codec && p.Verb != directive.Organ {
		return
	}
	first, taken := b.declared[p.Target.Name]
	switch {
	case taken && first != p.Target.Pos:
		b.addDiagnostic(diag.New(diag.TypeError, p.Target.Pos, p.Target.Name,
			b.problemAt(p.Target.Pos, "redeclared in this package")).
			WithHint("rename one of the two").
			WithRelated(first, "first declared here"))
	case taken:
		// A second directive on one type is for the checks.
	case p.Verb == directive.Event:
		b.declareEvent(p)
	case p.Verb == directive.State:
		b.declareState(p)
	case p.Verb == directive.Codec:
		b.declareShared(p)
	default:
		b.declareOrgan(p)
	}
	b.declared[p.Target.Name] = p.Target.Pos
}

func (b *builder) newEvent(p placed) *model.Event {
	e := &model.Event{
		Pos: p.Target.Pos, GoName: p.Target.Name, Path: b.unit.path, PkgName: b.unit.name,
		Directive: p.Directive,
	}
	describeEvent(e, p.Directive)
	return e
}

func (b *builder) declareEvent(p placed) {
	e := b.newEvent(p)
	b.found.events[e.Path+"."+e.GoName] = e
	b.unit.model.Events = append(b.unit.model.Events, e)
}

func (b *builder) declareState(p placed) {
	s := b.newEvent(p)
	s.Name, s.NamePos, s.State = directive.DefaultEventName(s.GoName), p.Pos, true
	s.Saga = p.Arg("saga") != nil
	if a := p.Arg("ttl"); a != nil {
		s.TTL, _ = directive.ParseTTL(a.Value) // the checks report what it can't read
	}
	b.found.states[s.Path+"."+s.GoName] = s
	b.unit.model.States = append(b.unit.model.States, s)
}

func (b *builder) declareShared(p placed) {
	b.found.shared[b.unit.path+"."+p.Target.Name] = true
	b.unit.model.Shared = append(b.unit.model.Shared, &model.Shared{Pos: p.Target.Pos, GoName: p.Target.Name, Directive: p.Directive})
}

// nameVersions gives the older versions of a state the name of the newest one, to which their upcasts lead.
func (l *loader) nameVersions() {
	for _, s := range l.found.states {
		newest := s
		for range l.found.states { // upcasts may run in a circle
			if newest.Upcast == nil {
				break
			}
			newest = newest.Upcast.To
		}
		s.Name = directive.DefaultEventName(newest.GoName)
	}
}

// describeEvent fills in what the directive says of an event.
func describeEvent(e *model.Event, d *model.Directive) {
	e.Name, e.NamePos = directive.DefaultEventName(e.GoName), d.Pos
	if name := directive.Name(d); name != nil {
		e.Name, e.NamePos = name.Text, name.Pos
	}
	e.Version = 1
	if v := d.Arg("version"); v != nil {
		if n, err := strconv.Atoi(v.Value); err == nil && n >= 1 {
			e.Version = n
		}
	}
	e.Aliases = directive.Aliases(d)
	if a := d.Arg("undo"); a != nil {
		e.Undo = a.Value
	}
	e.Output, e.Keyed = d.Arg("output") != nil, d.Arg("key") != nil
}

func (b *builder) declareOrgan(p placed) {
	o := &model.Organ{
		Pos: p.Target.Pos, GoName: p.Target.Name, Path: b.unit.path,
		Name: b.unit.name + "." + p.Target.Name, NamePos: p.Pos,
		Aliases: directive.Aliases(p.Directive), Policy: directive.Policy(p.Directive),
		Directive: p.Directive,
	}
	if name := directive.Name(p.Directive); name != nil {
		o.Name, o.NamePos = name.Text, name.Pos
	}
	b.organs[o.GoName] = o
	b.unit.model.Organs = append(b.unit.model.Organs, o)
}

// fillShapes fills in the structs of the unit's events and states, the keys of events, and the structs that it shares.
func (b *builder) fillShapes() {
	for _, e := range b.unit.model.Coded() {
		if e.Struct = b.declaredStruct(e.GoName, e.Pos); e.Struct != nil && !e.State {
			b.bindKey(e)
		}
	}
	for _, s := range b.unit.model.Shared {
		s.Struct = b.declaredStruct(s.GoName, s.Pos)
	}
}

// declaredStruct returns the struct of a name that is declared at a position; nil when another declaration took the name.
func (b *builder) declaredStruct(goName string, pos model.Pos) *model.Type {
	obj := b.unit.pkg.Scope().Lookup(goName)
	if obj == nil || b.positionOf(obj.Pos()) != pos {
		b.addDiagnostic(diag.New(diag.TypeError, pos, goName, b.problemAt(pos, "its declaration does not type-check")).
			WithHint("rename one of the two"))
		return nil
	}
	return b.shapeOf(obj.Type(), pos)
}

// bindKey finds the field that key= names.
func (b *builder) bindKey(e *model.Event) {
	a := e.Directive.Arg("key")
	if a == nil {
		return
	}
	for _, f := range e.Struct.Fields {
		if f.Name == a.Value {
			e.Key = f
		}
	}
}
