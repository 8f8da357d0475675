package templates

import (
	"fmt"
	"slices"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

func contract(name string) *jen.Statement { return jen.Qual(contractPath, name) }

// descriptor writes the descriptor of an event or of a state.
func (g *generator) descriptor(f *jen.File, e *model.Event) {
	typ, lines := "EventType", g.eventLines(e)
	if e.State {
		typ, lines = "StateType", g.stateLines(e)
	}
	f.Var().Id(model.DescriptorName(e.GoName)).Op("=").Add(contract(typ)).Values(closeMultiline(lines)...)
	f.Line()
}

// eventLines are the fields of an event's descriptor.
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
func (g *generator) eventLines(e *model.Event) []jen.Code {
	lines := []jen.Code{
		fieldLine("Name", jen.Lit(e.Name)),
		fieldLine("Version", jen.Lit(e.Version)),
	}
	if len(e.Aliases) > 0 {
		lines = append(lines, fieldLine("Aliases", stringList(e.Aliases)))
	}
	lines = append(lines, g.fingerprintLine(e))
	if e.Output {
		lines = append(lines, fieldLine("Output", jen.True()))
	}
	if e.Undo != "" {
		lines = append(lines, fieldLine("Undo", jen.Lit(e.Undo)))
	}
	if e.Every != nil {
		lines = append(lines, fieldLine("Every", scheduleLiteral(e.Every)))
	}
	lines = append(lines, fieldLine("New", newFunc(e)), fieldLine("Is", isFunc(e)))
	if e.Key != nil {
		lines = append(lines, fieldLine("Key", g.keyFunc(e)))
	}
	return append(lines, g.versionLines(e)...)
}

// stateLines are the fields of a state's descriptor.
//
//	var necroOrder = contract.StateType{
//		Name:        "ORDER",
//		Organ:       "shop.Fulfilment",
//		Version:     1,
//		Fingerprint: 0x6c62272e07bb0142,
//		TTL:         90 * 24 * time.Hour,
//		New:         func() contract.State { return new(Order) },
//	}
func (g *generator) stateLines(s *model.Event) []jen.Code {
	lines := []jen.Code{fieldLine("Name", jen.Lit(s.Name))}
	if o := g.keeperOf(s); o != nil {
		lines = append(lines, fieldLine("Organ", jen.Lit(o.Name)))
	}
	lines = append(lines, fieldLine("Version", jen.Lit(s.Version)), g.fingerprintLine(s))
	if s.TTL > 0 {
		lines = append(lines, fieldLine("TTL", ttlLiteral(s.TTL)))
	}
	return append(append(lines, fieldLine("New", newFunc(s))), g.versionLines(s)...)
}

// keeperOf returns the organ of this package that keeps a state, whatever its version; nil when it is another package's.
func (g *generator) keeperOf(s *model.Event) *model.Organ {
	for s.Upcast != nil {
		s = s.Upcast.To
	}
	i := slices.IndexFunc(g.pkg.Organs, func(o *model.Organ) bool { return o.State() == s })
	if i < 0 {
		return nil
	}
	return g.pkg.Organs[i]
}

// ttlLiteral writes a duration of several days in days: 90 * 24 * time.Hour.
func ttlLiteral(d time.Duration) *jen.Statement {
	const day = 24 * time.Hour
	if d%day != 0 || d == day {
		return durationLiteral(d)
	}
	return jen.Lit(int(d / day)).Op("*").Add(durationLiteral(day))
}

func (g *generator) fingerprintLine(e *model.Event) jen.Code {
	return fieldLine("Fingerprint", jen.Op(fmt.Sprintf("0x%016x", g.fingerprintOf(e.Struct))))
}

// versionLines lead to the next version and to the one before.
func (g *generator) versionLines(e *model.Event) (lines []jen.Code) {
	if e.Upcast != nil {
		lines = append(lines, fieldLine("Upcast", upcastFunc(e)))
	}
	if old := g.previousVersion(e); old != nil {
		lines = append(lines, fieldLine("Previous", jen.Op("&").Id(model.DescriptorName(old.GoName))))
	}
	return lines
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
	return jen.Func().Params().Add(wordsOf(e).contract()).Block(jen.Return(jen.New(jen.Id(e.GoName))))
}

func eventParam(name string) *jen.Statement { return jen.Params(jen.Id(name).Add(contract("Event"))) }

// assertEvent asserts the event's concrete type: e.(*OrderPlaced).
func assertEvent(e *model.Event) *jen.Statement { return assertType(jen.Id("e"), e) }

// assertType asserts the concrete type of an event or of a state.
func assertType(x *jen.Statement, e *model.Event) *jen.Statement {
	return x.Assert(jen.Op("*").Qual(e.Path, e.GoName))
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
	words := wordsOf(e)
	param, old := jen.Id(words.param).Add(words.contract()), assertType(jen.Id(words.param), e)
	return jen.Func().Params(param).Params(words.contract(), jen.Error()).Block(
		jen.List(jen.Id("next"), jen.Err()).Op(":=").Id(e.Upcast.Func).Call(jen.Op("*").Add(old)),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
		jen.Return(jen.Op("&").Id("next"), jen.Nil()),
	)
}

// previousVersion returns the version of this package that is upcast to e.
func (g *generator) previousVersion(e *model.Event) *model.Event {
	for _, old := range g.pkg.Coded() {
		if old.Upcast != nil && old.Upcast.To == e {
			return old
		}
	}
	return nil
}
