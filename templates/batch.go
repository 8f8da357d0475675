package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// batchBody calls a batch handler, and hands on its results by position.
//
//	func(ctx context.Context, es []contract.Event, out *contract.BatchResults) error {
//		receipt, err := o.Store(ctx, contract.EventsOf[*Order](es))
//		out.Expect(len(receipt))
//		for i, x := range receipt {
//			if x != nil {
//				out.Add(i, x)
//			}
//		}
//		return err
//	}
func (g *generator) batchBody(h *model.Handler) *jen.Statement {
	out := "out"
	if len(h.Results) == 0 {
		out = "_"
	}
	return jen.Func().Params(
		jen.Id("ctx").Qual("context", "Context"),
		jen.Id("es").Index().Add(contract("Event")),
		jen.Id(out).Op("*").Add(contract("BatchResults")),
	).Error().BlockFunc(func(body *jen.Group) {
		element := jen.Op("*").Qual(h.Event.Path, h.Event.GoName)
		call := jen.Id("o").Dot(h.Method).Call(jen.Id("ctx"), contract("EventsOf").Types(element).Call(jen.Id("es")))
		if len(h.Results) == 0 {
			body.Return(call)
			return
		}
		names := resultNames(h)
		var results []jen.Code
		for _, name := range names {
			results = append(results, jen.Id(name))
		}
		body.List(append(results, jen.Err())...).Op(":=").Add(call)
		for _, name := range names {
			body.Id("out").Dot("Expect").Call(jen.Len(jen.Id(name)))
			body.For(jen.List(jen.Id("i"), jen.Id("x")).Op(":=").Range().Id(name)).Block(
				jen.If(jen.Id("x").Op("!=").Nil()).Block(jen.Id("out").Dot("Add").Call(jen.Id("i"), jen.Id("x"))),
			)
		}
		body.Return(jen.Err())
	})
}
