package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

func contract(name string) *jen.Statement { return jen.Qual(contractPath, name) }

// eventDescriptor writes the event's descriptor.
//
//	var necroOrderPlaced = contract.EventType{
//		Name:        "ORDER_PLACED",
//		Version:     1,
//		Fingerprint: 0x6c62272e07bb0142,
//		New:         func() contract.Event { return new(OrderPlaced) },
//		Is: func(e contract.Event) bool {
//			_, ok := e.(*OrderPlaced)
//			return ok
//		},
//		Key: func(e contract.Event) string { return e.(*OrderPlaced).OrderID },
//	}
func (g *generator) eventDescriptor(f *jen.File, e *model.Event) {
	lines := []jen.Code{
		fieldLine("Name", jen.Lit(e.Name)),
		fieldLine("Version", jen.Lit(e.Version)),
	}
	if len(e.Aliases) > 0 {
		lines = append(lines, fieldLine("Aliases", stringList(e.Aliases)))
	}
	lines = append(lines, fieldLine("Fingerprint", jen.Op(fmt.Sprintf("0x%016x", g.fingerprintOf(e.Struct)))))
	if e.Output {
		lines = append(lines, fieldLine("Output", jen.True()))
	}
	lines = append(lines, fieldLine("New", newFunc(e)), fieldLine("Is", isFunc(e)))
	if e.Key != nil {
		lines = append(lines, fieldLine("Key", g.keyFunc(e)))
	}
	if e.Upcast != nil {
		lines = append(lines, fieldLine("Upcast", upcastFunc(e)))
	}
	if old := g.previousVersion(e); old != nil {
		lines = append(lines, fieldLine("Previous", jen.Op("&").Id(model.DescriptorName(old.GoName))))
	}
	f.Var().Id(model.DescriptorName(e.GoName)).Op("=").Add(contract("EventType")).Values(closeMultiline(lines)...)
	f.Line()
}

// fieldLine is a field of a composite literal that stands on its own line.
func fieldLine(name string, value jen.Code) jen.Code {
	return jen.Line().Id(name).Op(":").Add(value)
}

// closeMultiline closes a composite literal on a line of its own.
func closeMultiline(lines []jen.Code) []jen.Code { return append(lines, jen.Line()) }

func stringList(list []string) *jen.Statement {
	var values []jen.Code
	for _, s := range list {
		values = append(values, jen.Lit(s))
	}
	return jen.Index().String().Values(values...)
}

// func() contract.Event { return new(OrderPlaced) }
func newFunc(e *model.Event) *jen.Statement {
	return jen.Func().Params().Add(contract("Event")).Block(jen.Return(jen.New(jen.Id(e.GoName))))
}

func eventParam(name string) *jen.Statement { return jen.Params(jen.Id(name).Add(contract("Event"))) }

// assertEvent asserts the event's concrete type: e.(*OrderPlaced).
func assertEvent(e *model.Event) *jen.Statement {
	return jen.Id("e").Assert(jen.Op("*").Qual(e.Path, e.GoName))
}

// isFunc refuses nil, and a struct that merely embeds the event.
//
//	func(e contract.Event) bool {
//		p, ok := e.(*OrderPlaced)
//		return ok && p != nil
//	}
func isFunc(e *model.Event) *jen.Statement {
	return jen.Func().Add(eventParam("e")).Bool().Block(
		jen.List(jen.Id("p"), jen.Id("ok")).Op(":=").Add(assertEvent(e)),
		jen.Return(jen.Id("ok").Op("&&").Id("p").Op("!=").Nil()),
	)
}

// upcastFunc calls the user's function.
//
//	func(e contract.Event) (contract.Event, error) {
//		next, err := upcastOrder(*e.(*OrderPlacedV1))
//		if err != nil {
//			return nil, err
//		}
//		return &next, nil
//	}
func upcastFunc(e *model.Event) *jen.Statement {
	return jen.Func().Add(eventParam("e")).Params(contract("Event"), jen.Error()).Block(
		jen.List(jen.Id("next"), jen.Err()).Op(":=").Id(e.Upcast.Func).Call(jen.Op("*").Add(assertEvent(e))),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
		jen.Return(jen.Op("&").Id("next"), jen.Nil()),
	)
}

// previousVersion returns the version of this package that is upcast to e.
func (g *generator) previousVersion(e *model.Event) *model.Event {
	for _, old := range g.pkg.Events {
		if old.Upcast != nil && old.Upcast.To == e {
			return old
		}
	}
	return nil
}
