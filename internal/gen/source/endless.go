package source

import (
	"go/types"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// reportEndless tells of generic types that are made of ever new instances of themselves. No other type error
// has to be told before it matters, but these types have no end: neither a walk through the fields of one
// returns, nor go/types when it is asked for a method.
func (l *loader) reportEndless(u *unit) {
	for _, e := range u.errors {
		if what, _, ok := strings.Cut(e.Msg, ":"); ok && what == "instantiation cycle" {
			l.endless = true
			l.addDiagnostic(diag.New(diag.TypeError, l.positionOf(e.Pos), u.path, what).
				WithHint("let the type be made of instances with the same type arguments"))
		}
	}
}

// instanceFault returns the fault of the type arguments of an instance, or "". An event has methods that are not
// generated yet, so it may be any argument.
func (l *loader) instanceFault(named *types.Named) string {
	if named.TypeArgs().Len() == 0 {
		return ""
	}
	var args []types.Type
	for arg := range named.TypeArgs().Types() {
		args = append(args, arg)
	}
	_, err := types.Instantiate(nil, named.Origin(), args, true)
	wrong, ok := err.(*types.ArgumentError)
	if !ok || l.eventAt(args[wrong.Index]) != nil {
		return ""
	}
	return wrong.Err.Error()
}

// eventAt returns the event that a type is or points to, or nil.
func (l *loader) eventAt(t types.Type) *model.Event {
	t = types.Unalias(t)
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return l.eventOf(named)
	}
	return nil
}
