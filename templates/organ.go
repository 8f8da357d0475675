package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// organSpec writes what an organ is: name, policy and the dispatch table.
//
//	func (o *Billing) NecroOrgan() contract.OrganSpec {
//		return contract.OrganSpec{
//			Name: "shop.Billing",
//			Path: "example.com/shop",
//			Policy: contract.Policy{Retry: 5},
//			Routes: []contract.Route{…},
//			State:  &necroOrder,
//		}
//	}
func (g *generator) organSpec(f *jen.File, o *model.Organ) {
	lines := []jen.Code{fieldLine("Name", jen.Lit(o.Name))}
	if len(o.Aliases) > 0 {
		lines = append(lines, fieldLine("Aliases", stringList(o.Aliases)))
	}
	lines = append(lines, fieldLine("Path", jen.Lit(o.Path)))
	if p := policyLiteral(o.Policy); p != nil {
		lines = append(lines, fieldLine("Policy", p))
	}
	if len(o.Handlers) > 0 {
		lines = append(lines, fieldLine("Routes", g.routeTable(o)))
	}
	if s := o.State(); s != nil {
		lines = append(lines, fieldLine("State", g.eventType(s)))
	}
	methodHeader(f, "o", o.GoName, "NecroOrgan", "returns the name, the policy and the dispatch table of "+o.Name+".").
		Params().Add(contract("OrganSpec")).
		Block(jen.Return(contract("OrganSpec").Values(closeMultiline(lines)...)))
	f.Line()
}

func (g *generator) routeTable(o *model.Organ) *jen.Statement {
	var routes []jen.Code
	for _, h := range o.Handlers {
		routes = append(routes, jen.Values(g.routeLines(h, o.GiveUp(h.Event))...))
	}
	return jen.Index().Add(contract("Route")).Values(routes...)
}

// routeLines are the fields of one line of the dispatch table.
//
//	{
//		Event:  &necroOrderPlaced,
//		Method: "Charge",
//		Policy: contract.Policy{Timeout: 2 * time.Second},
//		Emits:  []*contract.EventType{&necroPaymentTaken},
//		Timers: []*contract.EventType{&necroPaymentLate},
//		Handle: func(ctx context.Context, e contract.Event, out *contract.Emissions) error {…},
//		GiveUp: &contract.Route{…},
//	}
func (g *generator) routeLines(h, giveUp *model.Handler) []jen.Code {
	lines := []jen.Code{
		fieldLine("Event", g.eventType(h.Event)),
		fieldLine("Method", jen.Lit(h.Method)),
	}
	if p := policyLiteral(h.Policy); p != nil {
		lines = append(lines, fieldLine("Policy", p))
	}
	if emits := g.emittedEvents(h); len(emits) > 0 {
		lines = append(lines, fieldLine("Emits", jen.Index().Op("*").Add(contract("EventType")).Values(emits...)))
	}
	if h.Delays() {
		lines = append(lines, fieldLine("Delays", jen.True()))
	}
	if timers := g.eventTypes(h.Timers()); len(timers) > 0 {
		lines = append(lines, fieldLine("Timers", jen.Index().Op("*").Add(contract("EventType")).Values(timers...)))
	}
	if undos := g.eventTypes(h.Undos()); len(undos) > 0 {
		lines = append(lines, fieldLine("Undos", jen.Index().Op("*").Add(contract("EventType")).Values(undos...)))
	}
	if h.Compensates {
		lines = append(lines, fieldLine("Compensates", jen.True()))
	}
	if h.State != nil {
		lines = append(lines, fieldLine("State", jen.True()))
	}
	if h.Batch {
		lines = append(lines, fieldLine("HandleBatch", g.batchBody(h)))
	} else {
		lines = append(lines, fieldLine("Handle", g.handlerBody(h)))
	}
	if giveUp != nil {
		lines = append(lines, fieldLine("GiveUp", jen.Op("&").Add(contract("Route")).Values(g.routeLines(giveUp, nil)...)))
	}
	return closeMultiline(lines)
}

// emittedEvents lists each event that the handler may emit once, results first.
func (g *generator) emittedEvents(h *model.Handler) []jen.Code {
	var events []*model.Event
	for _, r := range h.Results {
		if r.IsEmission() {
			events = append(events, r.Event)
		}
	}
	for _, m := range h.Emits {
		events = append(events, m.Event)
	}
	return g.eventTypes(events)
}

// eventTypes refers to the descriptors of events, each once.
func (g *generator) eventTypes(events []*model.Event) (list []jen.Code) {
	seen := map[*model.Event]bool{}
	for _, e := range events {
		if !seen[e] {
			seen[e] = true
			list = append(list, g.eventType(e))
		}
	}
	return list
}

// eventType refers to the descriptor of an event or of a state: &necroOrderPlaced, or for one of another package
// (*billing.Invoice)(nil).NecroEvent().
func (g *generator) eventType(e *model.Event) *jen.Statement {
	if e.Path == g.pkg.Path {
		return jen.Op("&").Id(model.DescriptorName(e.GoName))
	}
	return jen.Parens(jen.Op("*").Qual(e.Path, e.GoName)).Parens(jen.Nil()).Dot("Necro" + wordsOf(e).typ).Call()
}
