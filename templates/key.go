package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// keyFunc returns the value that groups related events.
//
//	func(e contract.Event) string { return e.(*OrderPlaced).OrderID }
func (g *generator) keyFunc(e *model.Event) *jen.Statement {
	fn := jen.Func().Add(eventParam("e")).String()
	x := assertEvent(e).Dot(e.Key.Name)
	switch t := e.Key.Type; {
	case t.Marshalers.Text:
		return fn.Block(textKey(e)...)
	case t.Kind == model.Array:
		return fn.Block(
			jen.Id("v").Op(":=").Add(assertEvent(e)),
			jen.Return(jen.String().Call(jen.Id("v").Dot(e.Key.Name).Index(jen.Op(":")))),
		)
	case t.Kind >= model.Int && t.Kind <= model.Int64 || t.Kind == model.Duration:
		return fn.Block(jen.Return(jen.Qual("strconv", "FormatInt").Call(jen.Int64().Call(x), jen.Lit(10))))
	case t.Kind >= model.Uint && t.Kind <= model.Uint64:
		return fn.Block(jen.Return(jen.Qual("strconv", "FormatUint").Call(jen.Uint64().Call(x), jen.Lit(10))))
	case t.Kind == model.String:
		return fn.Block(jen.Return(convertTo(t, "string", x)))
	default:
		g.keepError("%s: a key of type %s is not supported", e.GoName, t.Desc)
		return fn.Block()
	}
}

// textKey is for a type that writes itself as text. Without a text there is no group.
//
//	text, err := e.(*OrderPlaced).ID.MarshalText()
//	if err != nil {
//		return ""
//	}
//	return string(text)
func textKey(e *model.Event) []jen.Code {
	return []jen.Code{
		jen.List(jen.Id("text"), jen.Err()).Op(":=").Add(assertEvent(e)).Dot(e.Key.Name).Dot("MarshalText").Call(),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Lit(""))),
		jen.Return(jen.String().Call(jen.Id("text"))),
	}
}

// convertTo converts to a basic type, unless x has that type already.
func convertTo(t *model.Type, to string, x *jen.Statement) *jen.Statement {
	if to == "" || t.Path == "" && (t.Name == to || t.Name == "") {
		return x
	}
	return jen.Id(to).Call(x)
}
