package necro

import (
	"reflect"

	"github.com/necrostack/necrogen/internal/policykey"
	"github.com/necrostack/necrogen/runtime/contract"
)

// The table of policy keys names the fields of Policy that each key sets, and is all that says so: the fields are looked up
// by these names when a spine is made, and never while it runs.

// setPolicyKey sets the fields of a key in a policy.
func setPolicyKey(p *contract.Policy, row *policykey.Key, value policykey.Value) {
	policy := reflect.ValueOf(p).Elem()
	for i, part := range row.Parts(value) {
		field := policy.FieldByName(row.Fields[i])
		field.Set(reflect.ValueOf(part).Convert(field.Type()))
	}
}

// overridePolicy returns p with the written fields of by in place of its own.
func overridePolicy(p, by contract.Policy) contract.Policy {
	policy, written := reflect.ValueOf(&p).Elem(), reflect.ValueOf(by)
	for i := range written.NumField() {
		if field := written.Field(i); !field.IsZero() {
			policy.Field(i).Set(field)
		}
	}
	return p
}

// defaultPolicy is what holds where neither directive nor option says otherwise. Nothing changes it.
var defaultPolicy = policyOfDefaults()

// policyOfDefaults reads the defaults of the table, which a test has read.
func policyOfDefaults() (p contract.Policy) {
	for i := range policykey.Table {
		row := &policykey.Table[i]
		if value, err := row.Parse(row.Default); err == nil {
			setPolicyKey(&p, row, value)
		}
	}
	return p
}
