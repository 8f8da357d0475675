package analyzers

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"
)

// visitInstructions calls f with every instruction of a function and of the functions written in it.
func visitInstructions(fn *ssa.Function, f func(ssa.Instruction)) {
	for _, b := range fn.Blocks {
		for _, in := range b.Instrs {
			f(in)
		}
	}
	for _, anon := range fn.AnonFuncs {
		visitInstructions(anon, f)
	}
}

// calleeInPackage returns the function that is called, if it is written in the same package. A function
// with type parameters is looked at as it is written.
func calleeInPackage(call *ssa.CallCommon, pkg *ssa.Package) *ssa.Function {
	fn := call.StaticCallee()
	if fn == nil {
		return nil
	}
	if o := fn.Origin(); o != nil {
		fn = o
	}
	if fn.Pkg != pkg || len(fn.Blocks) == 0 {
		return nil
	}
	return fn
}

// calleeName is how a function that is called is known: sort.Strings, (*sync.Mutex).Lock. It is
// empty for a call that is not known before the program runs.
func calleeName(call *ssa.CallCommon) string {
	if fn := call.StaticCallee(); fn != nil {
		if f, ok := fn.Object().(*types.Func); ok {
			return f.Origin().FullName()
		}
	}
	return ""
}

// builtinName returns the name of the built-in function that is called.
func builtinName(call *ssa.CallCommon) string {
	if b, ok := call.Value.(*ssa.Builtin); ok {
		return b.Name()
	}
	return ""
}

// funcOf is calleeName for a call in the source; it knows the methods of interfaces too.
func funcOf(pass *analysis.Pass, call *ast.CallExpr) *types.Func {
	f, _ := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if f == nil {
		return nil
	}
	return f.Origin()
}
