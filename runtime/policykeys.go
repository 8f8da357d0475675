package necro

import (
	"time"

	"github.com/necrostack/necrogen/internal/policykey"
)

// policyFields points to the fields that each key of the table sets, as the key's kind wants them: an int, a duration, a
// bool, or a named integer whose values count the key's words from 1.
var policyFields = map[string]func(*Policy) []any{
	"retry":       func(p *Policy) []any { return []any{&p.Retry} },
	"backoff":     func(p *Policy) []any { return []any{&p.BackoffMin, &p.BackoffMax} },
	"timeout":     func(p *Policy) []any { return []any{&p.Timeout} },
	"onfail":      func(p *Policy) []any { return []any{&p.OnFail} },
	"maxhops":     func(p *Policy) []any { return []any{&p.MaxHops} },
	"concurrency": func(p *Policy) []any { return []any{&p.Concurrency} },
	"breaker":     func(p *Policy) []any { return []any{&p.BreakerCount, &p.BreakerPause} },
	"order":       func(p *Policy) []any { return []any{&p.Order} },
	"exclusive":   func(p *Policy) []any { return []any{&p.Exclusive} },
	"pack":        func(p *Policy) []any { return []any{&p.Pack} },
}

// setPolicyKey sets the fields of a key in a policy.
func setPolicyKey(p *Policy, row *policykey.Key, value policykey.Value) {
	fields := policyFields[row.Name](p)
	for i, part := range row.Parts(value) {
		switch field := fields[i].(type) {
		case *int:
			*field = part.(int)
		case *time.Duration:
			*field = part.(time.Duration)
		case *bool:
			*field = part.(bool)
		case *FailAction:
			*field = FailAction(part.(policykey.Place))
		case *OrderMode:
			*field = OrderMode(part.(policykey.Place))
		}
	}
}

// defaultPolicy is what holds where neither directive nor option says otherwise. Nothing changes it.
var defaultPolicy = policyOfDefaults()

// policyOfDefaults reads the defaults of the table, which a test has read.
func policyOfDefaults() (p Policy) {
	for i := range policykey.Table {
		row := &policykey.Table[i]
		if value, err := row.Parse(row.Default); err == nil {
			setPolicyKey(&p, row, value)
		}
	}
	return p
}

// overridePolicy returns p with the written fields of by in place of its own.
func overridePolicy(p, by Policy) Policy {
	for _, fieldsOf := range policyFields {
		written := fieldsOf(&by)
		for i, field := range fieldsOf(&p) {
			overrideField(field, written[i])
		}
	}
	return p
}

// overrideField sets a field to another one of its type, unless that is zero.
func overrideField(field, by any) {
	switch field := field.(type) {
	case *int:
		override(field, by.(*int))
	case *time.Duration:
		override(field, by.(*time.Duration))
	case *bool:
		override(field, by.(*bool))
	case *FailAction:
		override(field, by.(*FailAction))
	case *OrderMode:
		override(field, by.(*OrderMode))
	}
}

func override[T comparable](field, by *T) {
	var zero T
	if *by != zero {
		*field = *by
	}
}
