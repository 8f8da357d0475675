package templates

import (
	"cmp"
	"go/token"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// handlerBody calls the handler, and hands on its emissions: results in order, then the events given to Emit,
// and nothing at all when there is an error.
//
//	func(ctx context.Context, e contract.Event, out *contract.Emissions) error {
//		paymentTaken, paymentRefused, err := o.Charge(ctx, *e.(*OrderPlaced))
//		if err != nil {
//			return err
//		}
//		if paymentTaken != nil {
//			out.Add(paymentTaken)
//		}
//		if paymentRefused != nil {
//			out.Add(paymentRefused)
//		}
//		return nil
//	}
//
// A give-up handler gets out.Death behind the event. A handler with state gets out.State.(*Order), and what it returns as a necro.End becomes out.Ends = bool(end), and a necro.Compensate likewise. A necro.Timer adds itself, and so does a necro.Undo: paymentLateTimer.AddTo(out).
func (g *generator) handlerBody(h *model.Handler) *jen.Statement {
	out := "out"
	if len(h.Results)+len(h.Emits) == 0 && h.State == nil && !h.Ends && !h.Compensates && !h.GiveUp {
		out = "_"
	}
	return jen.Func().Params(
		jen.Id("ctx").Qual("context", "Context"),
		jen.Id("e").Add(contract("Event")),
		jen.Id(out).Op("*").Add(contract("Emissions")),
	).Error().BlockFunc(func(body *jen.Group) { g.handleBody(body, h) })
}

func (g *generator) handleBody(body *jen.Group, h *model.Handler) {
	later := len(h.Emits) > 0 && slices.ContainsFunc(h.Results, func(r *model.Result) bool { return r.IsEmission() })
	withOut := slices.ContainsFunc(h.Emits, func(m *model.Emit) bool { return m.Out })
	switch {
	case later && withOut:
		body.Var().Id("emitted").Add(contract("Emissions"))
	case later:
		body.Var().Id("emitted").Index().Add(contract("Event"))
	}
	names := resultNames(h)
	if g.callHandler(body, h, names, later) {
		return
	}
	names = slices.Clone(names)
	for _, r := range slices.Backward(recordResults(h)) {
		names = slices.Delete(names, r.at, r.at+1)
	}
	for _, r := range recordResults(h) {
		body.Id("out").Dot(r.field).Op("=").Bool().Call(jen.Id(r.name))
	}
	for i, r := range h.Results {
		addResult(body, r, names[i])
	}
	switch {
	case later && withOut:
		body.Id("out").Dot("AddAll").Call(jen.Op("&").Id("emitted"))
	case later:
		body.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Id("emitted")).
			Block(appendStatements(jen.Id("x")))
	}
	body.Return(jen.Nil())
}

// callHandler writes the call with its results and its error. It reports whether that is
// all there is to do.
func (g *generator) callHandler(body *jen.Group, h *model.Handler, names []string, later bool) (done bool) {
	call := jen.Id("o").Dot(h.Method).Call(g.handlerArguments(h, later)...)
	var results []jen.Code
	for _, name := range names {
		results = append(results, jen.Id(name))
	}
	switch {
	case len(results) == 0 && h.Error:
		body.Return(call)
		return true
	case len(results) == 0:
		body.Add(call)
	case h.Error:
		body.List(append(results, jen.Err())...).Op(":=").Add(call)
		body.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
	default:
		body.List(results...).Op(":=").Add(call)
	}
	return false
}

// handlerArguments are the context, the state, the event, why it is given up, and a function for each Emit parameter. With results, which come
// first, the events given to Emit are collected: as emissions where one of them is in a necro.Out.
//
//	o.Charge(ctx, e.(*OrderPlaced), func(x necro.Out[Reminder]) {
//		if x.Event != nil {
//			out.AddWith(x.Event, x.Envelope())
//		}
//	})
func (g *generator) handlerArguments(h *model.Handler, later bool) []jen.Code {
	event := assertEvent(h.Event)
	if !h.Pointer && !h.Interface {
		event = jen.Op("*").Add(event)
	}
	args := []jen.Code{jen.Id("ctx")}
	if h.State != nil {
		args = append(args, assertType(jen.Id("out").Dot("State"), h.State))
	}
	args = append(args, event)
	if h.GiveUp {
		args = append(args, jen.Id("out").Dot("Death"))
	}
	withOut := slices.ContainsFunc(h.Emits, func(m *model.Emit) bool { return m.Out })
	to := "out"
	if later {
		to = "emitted"
	}
	for _, m := range h.Emits {
		if m.Out {
			param := jen.Id("x").Qual(runtimePath, "Out").Types(jen.Qual(m.Event.Path, m.Event.GoName))
			args = append(args, jen.Func().Params(param).Block(addOut(to, jen.Id("x"))))
			continue
		}
		keep := jen.Id(to).Dot("Add").Call(jen.Op("&").Id("x"))
		if later && !withOut {
			keep = jen.Id("emitted").Op("=").Append(jen.Id("emitted"), jen.Op("&").Id("x"))
		}
		args = append(args, jen.Func().Params(jen.Id("x").Qual(m.Event.Path, m.Event.GoName)).Block(keep))
	}
	return args
}

// addOut hands on an event with its envelope. A nil event is nothing.
func addOut(to string, x *jen.Statement) jen.Code {
	return jen.If(x.Clone().Dot("Event").Op("!=").Nil()).Block(
		jen.Id(to).Dot("AddWith").Call(x.Clone().Dot("Event"), x.Clone().Dot("Envelope").Call()),
	)
}

func appendStatements(x jen.Code) *jen.Statement { return jen.Id("out").Dot("Add").Call(x) }

// addResult hands on one result. A nil pointer is nothing.
func addResult(body *jen.Group, r *model.Result, name string) {
	x := jen.Id(name)
	switch {
	case r.Undo && r.Slice:
		body.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Add(x)).Block(jen.Id("x").Dot("AddTo").Call(jen.Id("out")))
	case r.Timer || r.Undo:
		body.Add(x.Dot("AddTo").Call(jen.Id("out")))
	case r.Out && r.Slice:
		body.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Add(x)).Block(addOut("out", jen.Id("x")))
	case r.Out:
		body.Add(addOut("out", x))
	case r.Slice && r.Pointer:
		body.For(jen.List(jen.Id("_"), jen.Id("x")).Op(":=").Range().Add(x)).Block(
			jen.If(jen.Id("x").Op("!=").Nil()).Block(appendStatements(jen.Id("x"))),
		)
	case r.Slice:
		body.For(jen.Id("i").Op(":=").Range().Add(x)).Block(appendStatements(jen.Op("&").Add(x).Index(jen.Id("i"))))
	case r.Pointer:
		body.If(jen.Id(name).Op("!=").Nil()).Block(appendStatements(x))
	default:
		body.Add(appendStatements(jen.Op("&").Add(x)))
	}
}

// resultNames names each result by its event, and keeps clear of the other names in the
// function: paymentTaken, paymentTaken2; a timer is paymentLateTimer, an undo releaseStockUndo.
func resultNames(h *model.Handler) []string {
	taken := slices.Clone(model.Locals)
	taken = append(taken, "x")
	for _, r := range recordResults(h) {
		taken = append(taken, r.name)
	}
	var names []string
	for _, r := range h.Results {
		base := localName(r.Event.GoName)
		switch {
		case r.Timer:
			base += "Timer"
		case r.Undo:
			base += "Undo"
		}
		name := base
		for i := 2; slices.Contains(taken, name) || token.IsKeyword(name) || jen.IsReservedWord(name); i++ {
			name = base + strconv.Itoa(i)
		}
		taken = append(taken, name)
		names = append(names, name)
	}
	for _, r := range recordResults(h) {
		names = slices.Insert(names, r.at, r.name)
	}
	return names
}

// recordResult is a result that says what becomes of the record.
type recordResult struct {
	name  string // the variable
	field string // of Emissions
	at    int    // its place among all results
}

// recordResults returns those of a handler in their order.
func recordResults(h *model.Handler) (list []recordResult) {
	if h.Ends {
		list = append(list, recordResult{"end", "Ends", h.EndAt})
	}
	if h.Compensates {
		list = append(list, recordResult{"compensate", "Compensates", h.CompensateAt})
	}
	slices.SortFunc(list, func(a, b recordResult) int { return cmp.Compare(a.at, b.at) })
	return list
}

// localName makes a local name of a type's: httpRequest of HTTPRequest.
func localName(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	if r, _ := utf8.DecodeRuneInString(s); r == '_' {
		return "x" + s
	}
	return string(runes)
}
