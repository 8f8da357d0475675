package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// ownMethods are the functions for types that encode themselves as binary data or text.
var ownMethods = map[model.Method]string{model.BinaryMethod: "Binary", model.TextMethod: "Text"}

// appendForeign writes a value of a type that encodes itself. What needs the reference codec is
// left to it.
//
//	if b, err = wire.AppendText(b, &v.Color); err != nil {
//		return nil, wire.Under(err, "color")
//	}
func (g *generator) appendForeign(to *jen.Group, t *model.Type, at place) {
	m := t.Marshalers
	own, found := ownMethods[m.Encode]
	switch {
	case m.Raw:
		g.tryAppend(to, at, appendedBytes(wirePath, "AppendRaw", at.value()))
	case !found:
		g.tryAppend(to, at, appendedBytes(foreignPath, "Append", at.address()))
	case m.OnValue && (t.Under() == model.Slice || t.Under() == model.Map):
		g.orNil(to, at, func(some *jen.Group) { g.tryAppend(some, at, appendedBytes(wirePath, "Append"+own, at.address())) })
	default:
		g.tryAppend(to, at, appendedBytes(wirePath, "Append"+own, at.address()))
	}
}

// pointerForeign writes a pointer to a type that encodes itself in another way than the type
// does: it has methods that a value has not. It reports whether that is so.
func (g *generator) pointerForeign(to *jen.Group, elem *model.Type, at place) bool {
	m := elem.Marshalers
	own, found := ownMethods[m.PointerEncode]
	switch {
	case m.PointerEncode == m.Encode:
		return false
	case found:
		g.orNil(to, at, func(some *jen.Group) { g.tryAppend(some, at, appendedBytes(wirePath, "Append"+own, at.value())) })
	default:
		g.tryAppend(to, at, appendedBytes(foreignPath, "Append", at.address()))
	}
	return true
}
