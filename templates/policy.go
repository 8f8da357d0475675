package templates

import (
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

// policyLiteral holds the keys that the user wrote; it is nil when there are none.
//
//	contract.Policy{Retry: 5, BackoffMin: 100 * time.Millisecond, BackoffMax: 30 * time.Second}
func policyLiteral(p model.Policy) *jen.Statement {
	var fields []jen.Code
	for i := range policykey.Table {
		row := &policykey.Table[i]
		value, written := p.Values[row.Name]
		if !written {
			continue
		}
		for n, part := range row.Parts(value) {
			fields = append(fields, jen.Id(row.Fields[n]).Op(":").Add(policyPart(row, part)))
		}
	}
	if fields == nil {
		return nil
	}
	return contract("Policy").Values(fields...)
}

// policyPart writes what one field of a policy is set to.
func policyPart(row *policykey.Key, part any) *jen.Statement {
	switch part := part.(type) {
	case time.Duration:
		return durationLiteral(part)
	case policykey.Place:
		return contract(row.Choices[part-1].Constant)
	default:
		return jen.Lit(part)
	}
}

var units = []struct {
	size time.Duration
	name string
}{
	{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"},
	{time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}, {time.Nanosecond, "Nanosecond"},
}

// durationLiteral writes a duration in the largest unit that divides it: 100 * time.Millisecond.
func durationLiteral(d time.Duration) *jen.Statement {
	for _, u := range units {
		if d%u.size != 0 || d == 0 {
			continue
		}
		unit := jen.Qual("time", u.name)
		if d == u.size {
			return unit
		}
		return jen.Lit(int(d / u.size)).Op("*").Add(unit)
	}
	return jen.Lit(0)
}
