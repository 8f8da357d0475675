package analyzers

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// publish reports handlers that publish: the events that a handler returns or emits are stored in one step with
// the settling of its event, and those that it publishes are not.
var publish = &analysis.Analyzer{
	Name:     "publish",
	Doc:      "report handlers that publish on a spine, themselves or by a function of their package",
	Requires: []*analysis.Analyzer{subjects},
	Run: runPerHandler(func(pass *analysis.Pass, h *handler) (findings []finding) {
		p := publishers{}
		visitInstructions(h.fn, func(in ssa.Instruction) {
			call, ok := in.(ssa.CallInstruction)
			if !ok {
				return
			}
			if name := publishMethod(call.Common()); name != "" {
				findings = append(findings, h.publishFinding(pass, in, "calls "+name))
			} else if fn := calleeInPackage(call.Common(), h.fn.Pkg); fn != nil && fn.Parent() == nil {
				if pos := p.publishPosition(fn); pos.IsValid() {
					f := h.publishFinding(pass, in, fmt.Sprintf("calls %s, which publishes", fn.Name()))
					findings = append(findings, f.addRelated(pos, "it publishes here"))
				}
			}
		})
		return findings
	}),
}

// publishers are the functions that were looked at, and where they publish.
type publishers map[*ssa.Function]token.Pos

// publishPosition returns where a function, or one that it calls, publishes.
func (p publishers) publishPosition(fn *ssa.Function) token.Pos {
	if pos, known := p[fn]; known {
		return pos
	}
	p[fn] = token.NoPos // a function that calls itself adds nothing
	visitInstructions(fn, func(in ssa.Instruction) {
		call, ok := in.(ssa.CallInstruction)
		if !ok || p[fn].IsValid() {
			return
		}
		if publishMethod(call.Common()) != "" {
			p[fn] = in.Pos()
		} else if callee := calleeInPackage(call.Common(), fn.Pkg); callee != nil {
			p[fn] = p.publishPosition(callee)
		}
	})
	return p[fn]
}

// publishMethod returns the name of the method of Spine that is called, also through an interface
// that has it.
func publishMethod(call *ssa.CallCommon) string {
	f := call.Method
	if fn := call.StaticCallee(); fn != nil {
		f, _ = fn.Object().(*types.Func)
	}
	if f == nil || f.Name() != "Publish" && f.Name() != "PublishBatch" {
		return ""
	}
	sig := f.Signature()
	if sig.Recv() == nil {
		return ""
	}
	if isNamed(sig.Recv().Type(), runtimePath, "Spine") {
		return "Spine." + f.Name()
	}
	if call.Method != nil && takesOptions(sig) {
		return f.Name() + ", as Spine has it"
	}
	return ""
}

// takesOptions says whether the last parameter is ...necro.PublishOption.
func takesOptions(sig *types.Signature) bool {
	n := sig.Params().Len()
	if !sig.Variadic() || n == 0 {
		return false
	}
	s, ok := sig.Params().At(n - 1).Type().(*types.Slice)
	return ok && isNamed(s.Elem(), runtimePath, "PublishOption")
}

func (h *handler) publishFinding(pass *analysis.Pass, in ssa.Instruction, what string) finding {
	f := finding{
		pos:  in.Pos(),
		text: fmt.Sprintf("%s %s, which is no part of its step: a retry publishes again, and a failure takes nothing back", h.name, what),
		hint: "return the event, or take a necro.Emit for it",
	}
	if call := callAt(pass, in.Pos()); call != nil {
		f.pos, f.end = call.Pos(), call.End()
	}
	return f
}
