package source

import (
	"go/types"

	"github.com/necrostack/necrogen/internal/gen/diag"
)

// organTypes looks at what the types of organs are made of: "type Billing Service" has the form
// of a struct's declaration.
func (b *builder) organTypes() {
	for _, o := range b.unit.model.Organs {
		obj := b.unit.pkg.Scope().Lookup(o.GoName)
		if obj == nil {
			continue
		}
		_, isStruct := obj.Type().Underlying().(*types.Struct)
		if basic, ok := obj.Type().Underlying().(*types.Basic); ok && basic.Kind() == types.Invalid {
			b.addDiagnostic(diag.New(diag.TypeError, o.Pos, o.GoName, b.problemAt(o.Pos, "its type is not known")).
				WithHint("declare it, or import its package"))
			continue
		}
		o.NotStruct = !isStruct
	}
}
