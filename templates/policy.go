package templates

import (
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// policy holds the keys that the user wrote; it is nil when there are none.
//
//	necro.Policy{Retry: 5, BackoffMin: 100 * time.Millisecond, BackoffMax: 30 * time.Second}
func policy(p spec.Policy) *jen.Statement {
	var values []jen.Code
	add := func(written bool, name string, value jen.Code) {
		if written {
			values = append(values, jen.Id(name).Op(":").Add(value))
		}
	}
	count := func(name string, n int) { add(n != 0, name, jen.Lit(n)) }
	span := func(name string, d time.Duration) { add(d != 0, name, duration(d)) }
	count("Retry", p.Retry)
	span("BackoffMin", p.BackoffMin)
	span("BackoffMax", p.BackoffMax)
	span("Timeout", p.Timeout)
	count("Concurrency", p.Concurrency)
	count("BreakerCount", p.BreakerCount)
	span("BreakerPause", p.BreakerPause)
	add(p.OnFail != "", "OnFail", necro(upper(p.OnFail)))
	count("MaxHops", p.MaxHops)
	add(p.Order != "", "Order", necro("Order"+upper(p.Order)))
	add(p.Exclusive, "Exclusive", jen.True())
	count("Pack", p.Pack)
	if values == nil {
		return nil
	}
	return necro("Policy").Values(values...)
}

var units = []struct {
	size time.Duration
	name string
}{
	{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"},
	{time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}, {time.Nanosecond, "Nanosecond"},
}

// duration writes a duration in the largest unit that divides it: 100 * time.Millisecond.
func duration(d time.Duration) *jen.Statement {
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
