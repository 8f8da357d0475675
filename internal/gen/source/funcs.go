package source

import (
	"go/ast"
	"go/types"

	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// function is an annotated function with its types, which interface handlers need again.
type function struct {
	*model.Func
	sig *types.Signature
}

// buildFunctions records the annotated functions and methods, and makes handlers, checks and
// upcasts of them.
func (b *builder) buildFunctions() {
	seen := map[*ast.FuncDecl]bool{}
	for _, p := range b.placed {
		decl := p.target.fun
		if decl == nil || seen[decl] {
			continue
		}
		seen[decl] = true
		f := b.modelFunction(p)
		b.funcs = append(b.funcs, f)
		b.unit.model.Funcs = append(b.unit.model.Funcs, f.Func)
		switch p.Verb {
		case directive.Handle:
			b.addHandler(f)
		case directive.GiveUp:
			b.giveUp(f)
		case directive.Check:
			b.checkMethod(f)
		case directive.Upcast:
			b.linkUpcast(f)
		}
	}
}

// modelFunction models the declaration. One that is redeclared has no types, and so no parameters.
func (b *builder) modelFunction(p placed) *function {
	decl := p.target.fun
	f := &function{Func: &model.Func{
		Directive: p.Directive, Pos: p.Target.Pos, Name: decl.Name.Name,
		Recv: b.receiverType(decl), Generic: decl.Type.TypeParams != nil,
	}}
	obj, _ := b.unit.info.Defs[decl.Name].(*types.Func)
	if obj == nil {
		return f
	}
	f.sig = obj.Signature()
	f.Variadic = f.sig.Variadic()
	f.Params = b.modelParams(f.sig.Params(), decl.Type.Params, false)
	f.Results = b.modelParams(f.sig.Results(), decl.Type.Results, true)
	return f
}

// modelParams models a parameter list. Names share a type in the source, so expressions are looked
// up by counting them.
func (b *builder) modelParams(tuple *types.Tuple, list *ast.FieldList, result bool) []*model.Param {
	var exprs []ast.Expr
	if list != nil {
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				exprs = append(exprs, field.Type)
			}
		}
	}
	var params []*model.Param
	for i := range min(tuple.Len(), len(exprs)) {
		p := &model.Param{Pos: b.positionOf(exprs[i].Pos()), Desc: types.ExprString(exprs[i])}
		b.setRole(p, tuple.At(i).Type(), result)
		params = append(params, p)
	}
	return params
}

// setRole says what a parameter or result is to a handler.
func (b *builder) setRole(p *model.Param, t types.Type, result bool) {
	t = types.Unalias(t)
	switch {
	case !isValidType(t):
		p.Role, p.Problem = model.RoleInvalid, b.problemAt(p.Pos, "its type is not known")
	case isNamed(t, "context", "Context"):
		p.Role = model.RoleContext
	case t == types.Universe.Lookup("error").Type():
		p.Role = model.RoleError
	case isNamed(t, runtimePath, "End"):
		p.Role = model.RoleEnd
	case isNamed(t, runtimePath, "Compensate"):
		p.Role = model.RoleCompensate
	case isDeath(t):
		p.Role = model.RoleDeath
	case isNamed(t, runtimePath, "Emit"):
		p.Role = model.RoleEmit
		emitted := t.(*types.Named).TypeArgs().At(0)
		if b.setWrappedEvent(p, emitted, "Timer") {
			p.Role = model.RoleTimer
		} else if b.setWrappedEvent(p, emitted, "Undo") {
			p.Role = model.RoleUndo
		} else if p.Out = b.setWrappedEvent(p, emitted, "Out"); !p.Out {
			b.setElement(p, emitted)
		}
	case b.setWrappedEvent(p, t, "Out"):
		p.Role = model.RoleOut
	case b.setWrappedEvent(p, t, "Timer"):
		p.Role = model.RoleTimer
	case b.setWrappedEvent(p, t, "Undo"):
		p.Role = model.RoleUndo
	default:
		b.eventRole(p, t, result)
	}
}

// eventRole recognises events, alone, by pointer and in slices, and interfaces.
func (b *builder) eventRole(p *model.Param, t types.Type, result bool) {
	if s, ok := t.(*types.Slice); ok {
		p.Slice = true
		if b.setWrappedEvent(p, s.Elem(), "Out") {
			p.Role = model.RoleOut
			return
		}
		if b.setWrappedEvent(p, s.Elem(), "Timer") {
			p.Role = model.RoleTimer
			return
		}
		if b.setWrappedEvent(p, s.Elem(), "Undo") {
			p.Role = model.RoleUndo
			return
		}
		b.setElement(p, s.Elem())
		switch {
		case p.Event == nil:
		case result:
			p.Role = model.RoleEvent
		default:
			p.Role = model.RoleBatch
		}
		return
	}
	if _, ok := t.Underlying().(*types.Interface); ok {
		p.Role = model.RoleInterface
		return
	}
	switch b.setElement(p, t); {
	case p.Event != nil:
		p.Role = model.RoleEvent
	case p.State != nil:
		p.Role = model.RoleState
	}
}

// setWrappedEvent reports whether t is a generic type of package necro around an event, or points to one, and sets the event.
func (b *builder) setWrappedEvent(p *model.Param, t types.Type, name string) bool {
	t = types.Unalias(t)
	ptr, pointer := t.(*types.Pointer)
	if pointer {
		t = types.Unalias(ptr.Elem())
	}
	if !isNamed(t, runtimePath, name) {
		return false
	}
	b.setElement(p, t.(*types.Named).TypeArgs().At(0))
	p.Pointer = p.Pointer || pointer
	return true
}

// setElement sets the event or the state that t is or points to.
func (b *builder) setElement(p *model.Param, t types.Type) {
	t = types.Unalias(t)
	if ptr, ok := t.(*types.Pointer); ok {
		p.Pointer = true
		t = types.Unalias(ptr.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		p.Event, p.State = b.eventOf(named), b.stateOf(named)
	}
}

// stateOf returns the state that a type is, or nil.
func (l *loader) stateOf(named *types.Named) *model.Event {
	if obj := named.Obj(); obj.Pkg() != nil {
		return l.found.states[obj.Pkg().Path()+"."+obj.Name()]
	}
	return nil
}

// eventOf returns the event that a type is, or nil.
func (l *loader) eventOf(named *types.Named) *model.Event {
	obj := named.Obj()
	if obj.Pkg() == nil {
		return nil
	}
	path := obj.Pkg().Path()
	if e := l.found.events[path+"."+obj.Name()]; e != nil {
		return e
	}
	if l.imports.external[path] == obj.Pkg() {
		return l.foreignEvent(named)
	}
	return nil
}

// addHandler adds a handler to its organ, when it takes one event or a batch of one. An interface handler waits for
// expandInterfaces. The organ is one of the same unit: generated code of a package would not see handlers
// that its test files add.
func (b *builder) addHandler(f *function) {
	o := b.organs[f.Recv]
	if o == nil || !takesRole(f, model.RoleEvent) && (f.Variadic || !takesRole(f, model.RoleBatch)) {
		return
	}
	h := newHandler(f.Func)
	in := f.Params[f.EventAt()]
	h.Event, h.Pointer, h.Batch = in.Event, in.Pointer, in.Role == model.RoleBatch
	o.Handlers = append(o.Handlers, h)
}

// giveUp adds a give-up handler to its organ, when it takes one event.
func (b *builder) giveUp(f *function) {
	o := b.organs[f.Recv]
	if o == nil || !takesRole(f, model.RoleEvent) || len(f.Params) <= f.EventAt()+1 || f.Params[f.EventAt()+1].Role != model.RoleDeath {
		return
	}
	h := newHandler(f.Func)
	in := f.Params[f.EventAt()]
	h.Event, h.Pointer, h.GiveUp = in.Event, in.Pointer, true
	o.GiveUps = append(o.GiveUps, h)
}

// takesRole says whether a function has a context first, then perhaps a state, and then a parameter of the role.
func takesRole(f *function, role model.Role) bool {
	at := f.EventAt()
	return len(f.Params) > at && f.Params[0].Role == model.RoleContext && f.Params[at].Role == role
}

func newHandler(f *model.Func) *model.Handler {
	h := &model.Handler{Pos: f.Pos, Method: f.Name, Func: f, Policy: directive.Policy(f.Directive)}
	at := f.EventAt()
	if at == 2 {
		h.State = f.Params[1].State
	}
	for _, p := range f.Params[at+1:] {
		if p.Role == model.RoleEmit && p.Event != nil {
			h.Emits = append(h.Emits, &model.Emit{Event: p.Event, Out: p.Out})
		}
	}
	special := 0 // results that say something of the record
	for _, r := range f.Results {
		switch r.Role {
		case model.RoleEvent:
			h.Results = append(h.Results, &model.Result{Event: r.Event, Pointer: r.Pointer, Slice: r.Slice})
		case model.RoleOut:
			if r.Event != nil {
				h.Results = append(h.Results, &model.Result{Event: r.Event, Slice: r.Slice, Out: true})
			}
		case model.RoleTimer:
			if r.Event != nil && !r.Pointer && !r.Slice {
				h.Results = append(h.Results, &model.Result{Event: r.Event, Timer: true})
			}
		case model.RoleUndo:
			if r.Event != nil && !r.Pointer {
				h.Results = append(h.Results, &model.Result{Event: r.Event, Slice: r.Slice, Undo: true})
			}
		case model.RoleEnd:
			h.Ends, h.EndAt = true, len(h.Results)+special
			special++
		case model.RoleCompensate:
			h.Compensates, h.CompensateAt = true, len(h.Results)+special
			special++
		case model.RoleError:
			h.Error = true
		}
	}
	return h
}

// checkMethod notes a cross-field rule for bindChecks.
func (b *builder) checkMethod(f *function) {
	id := b.unit.path + "." + f.Recv
	b.found.checks[id] = append(b.found.checks[id], f.Func)
}

// bindChecks gives the cross-field rules to the types that they are about: a type has one shape in
// its package and another one in the package's tests.
func (l *loader) bindChecks() {
	for _, t := range l.found.shapes {
		if t.Name == "" || len(t.Args) > 0 {
			continue
		}
		for _, f := range l.found.checks[t.Path+"."+t.Name] {
			f.Held = true
			t.Checks = append(t.Checks, &model.Check{Pos: f.Pos, Name: f.Name})
		}
	}
}

// linkUpcast links an event or a state to its next version. The first one counts; a second is for the checks.
func (b *builder) linkUpcast(f *function) {
	if len(f.Params) != 1 || len(f.Results) == 0 {
		return
	}
	from, to := f.Params[0].Coded(), f.Results[0].Coded()
	if from == nil || to == nil || from.State != to.State || from.State && (f.Params[0].Pointer || f.Results[0].Pointer) {
		return
	}
	if from.Upcast == nil && f.Recv == "" {
		from.Upcast = &model.Upcast{Pos: f.Pos, Func: f.Name, To: to}
	}
}

// isNamed says whether t is the named type, or an instance of the generic type, of that name.
func isNamed(t types.Type, path, name string) bool {
	named, ok := t.(*types.Named)
	if !ok {
		return false
	}
	obj := named.Obj()
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == path
}

// isDeath says whether t is a *necro.Death.
func isDeath(t types.Type) bool {
	ptr, ok := t.(*types.Pointer)
	return ok && isNamed(types.Unalias(ptr.Elem()), contractPath, "Death")
}

// isValidType says whether a type is known down to the names that it is written with; what a named
// type is made of is its own matter.
func isValidType(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.Pointer:
		return isValidType(t.Elem())
	case *types.Slice:
		return isValidType(t.Elem())
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			if !isValidType(t.TypeArgs().At(i)) {
				return false
			}
		}
	}
	return true
}
