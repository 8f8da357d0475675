package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// scheduleLiteral writes what an event says of its schedule.
//
//	&contract.Schedule{Expression: "30 2 * * 1-5", Zone: "Europe/Berlin", Catchup: contract.CatchupAll}
func scheduleLiteral(e *model.Every) *jen.Statement {
	fields := []jen.Code{jen.Id("Expression").Op(":").Lit(e.Expression)}
	if e.Zone != "" {
		fields = append(fields, jen.Id("Zone").Op(":").Lit(e.Zone))
	}
	switch e.Catchup {
	case "skip":
		fields = append(fields, jen.Id("Catchup").Op(":").Add(contract("CatchupSkip")))
	case "all":
		fields = append(fields, jen.Id("Catchup").Op(":").Add(contract("CatchupAll")))
	}
	if e.Jitter > 0 {
		fields = append(fields, jen.Id("Jitter").Op(":").Add(durationLiteral(e.Jitter)))
	}
	return jen.Op("&").Add(contract("Schedule")).Values(fields...)
}
