package analyzers

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// emitlate reports calls of Emit that are no part of the handler's own run: later ones are lost,
// those of other goroutines race, and the ids of emitted events depend on their order.
var emitlate = &analysis.Analyzer{
	Name:     "emitlate",
	Doc:      "report handlers that call Emit later, deferred or in another goroutine",
	Requires: []*analysis.Analyzer{subjects},
	Run: runPerHandler(func(pass *analysis.Pass, h *handler) (findings []finding) {
		for _, p := range h.emits {
			k := &keeper{event: memoryOf(p), organ: memoryOf(h.recv)}
			for _, stays := range k.keptBy(h.fn) {
				findings = append(findings, h.emitFinding(pass, p, emitUse{pos: stays.pos, when: kept}))
			}
			for _, u := range followEmit(p) {
				findings = append(findings, h.emitFinding(pass, p, u))
			}
		}
		return findings
	}),
}

// when says when a function is called.
type when struct{ text, hint string }

var (
	kept = when{
		"keeps %s: what is emitted after the return is lost",
		"call it before the return; what comes later is for a publisher outside of the handlers",
	}
	elsewhere = when{
		"calls %s in another goroutine: calls race, and the order of what is emitted, on which its ids depend, is chance",
		"collect the results, and emit them in the handler when the goroutines have ended",
	}
	deferred = when{
		"calls %s in a deferred function: it emits when the handler has returned already",
		"call it before the return",
	}
	later = when{
		"leaves %s to a function that is called later: what is emitted after the return is lost",
		"call it before the return, or emit an event whose handler does the rest",
	}
)

// emitUse is a use that is wrong.
type emitUse struct {
	pos    token.Pos
	when   when
	inside token.Pos // where a function that is called does it
}

// schedulers are functions that call another one elsewhere or later.
var schedulers = map[string]when{
	"time.AfterFunc": later, "context.AfterFunc": later,
	"(*sync.WaitGroup).Go": elsewhere, "(*golang.org/x/sync/errgroup.Group).Go": elsewhere,
	"(*golang.org/x/sync/errgroup.Group).TryGo": elsewhere,
}

// followEmit returns the wrong uses of an Emit, or of a function that calls it.
func followEmit(p *ssa.Parameter) []emitUse {
	f := &follower{pkg: p.Parent().Pkg, seen: map[ssa.Value]bool{}}
	f.followValue(p)
	return f.uses
}

type follower struct {
	pkg  *ssa.Package
	seen map[ssa.Value]bool
	uses []emitUse
}

// followValue looks at everything that is done with a function value.
func (f *follower) followValue(v ssa.Value) {
	if f.seen[v] || v.Referrers() == nil {
		return
	}
	f.seen[v] = true
	for _, in := range *v.Referrers() {
		switch in := in.(type) {
		case ssa.CallInstruction:
			f.followCall(v, in)
		case *ssa.Store:
			if cell, ok := in.Addr.(*ssa.Alloc); ok && in.Val == v {
				f.followVariable(cell)
			}
		case *ssa.ChangeType:
			f.followValue(in)
		case *ssa.Phi:
			f.followValue(in)
		}
	}
}

// followVariable looks at everything that is done with a variable that a function value is in. A
// closure that has the variable is taken to call the function.
func (f *follower) followVariable(addr ssa.Value) {
	if f.seen[addr] {
		return
	}
	f.seen[addr] = true
	for _, in := range *addr.Referrers() {
		switch in := in.(type) {
		case *ssa.UnOp:
			f.followValue(in)
		case *ssa.MakeClosure:
			f.followValue(in)
			for i, b := range in.Bindings {
				if b == addr {
					f.followVariable(in.Fn.(*ssa.Function).FreeVars[i])
				}
			}
		}
	}
}

func (f *follower) followCall(v ssa.Value, in ssa.CallInstruction) {
	switch in.(type) {
	case *ssa.Go:
		f.uses = append(f.uses, emitUse{pos: in.Pos(), when: elsewhere})
		return
	case *ssa.Defer:
		f.uses = append(f.uses, emitUse{pos: in.Pos(), when: deferred})
		return
	}
	call := in.Common()
	if w, ok := schedulers[calleeName(call)]; ok {
		f.uses = append(f.uses, emitUse{pos: in.Pos(), when: w})
		return
	}
	fn := calleeInPackage(call, f.pkg)
	for i, a := range call.Args {
		if fn != nil && a == v && i < len(fn.Params) {
			f.followCallee(in, fn.Params[i])
		}
	}
}

// followCallee looks at what a function of the package does with an Emit that it is given.
func (f *follower) followCallee(in ssa.CallInstruction, p *ssa.Parameter) {
	inner := &follower{pkg: f.pkg, seen: f.seen}
	if inner.followValue(p); len(inner.uses) > 0 {
		u := inner.uses[0]
		f.uses = append(f.uses, emitUse{pos: in.Pos(), when: u.when, inside: u.pos})
	}
}

func (h *handler) emitFinding(pass *analysis.Pass, p *ssa.Parameter, u emitUse) finding {
	f := finding{
		pos: u.pos, hint: u.when.hint,
		text: h.name + " " + fmt.Sprintf(u.when.text, p.Name()),
	}
	if s := enclosingStatement(pass, u.pos); s != nil {
		f.pos, f.end = s.Pos(), s.End()
	}
	return f.addRelated(u.inside, "it does so here")
}
