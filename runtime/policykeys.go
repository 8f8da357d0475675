package necro

import (
	"cmp"
	"reflect"
	"strings"
	"time"

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

// policyValue reads the fields of a key in a policy: it undoes setPolicyKey.
func policyValue(p contract.Policy, row *policykey.Key) (v policykey.Value) {
	policy := reflect.ValueOf(p)
	field := func(i int) reflect.Value { return policy.FieldByName(row.Fields[i]) }
	switch row.Kind {
	case policykey.Count:
		v.Count = int(field(0).Int())
	case policykey.Duration:
		v.Duration = time.Duration(field(0).Int())
	case policykey.Range:
		v.Duration, v.Longest = time.Duration(field(0).Int()), time.Duration(field(1).Int())
	case policykey.CountPer:
		v.Count, v.Duration = int(field(0).Int()), time.Duration(field(1).Int())
	case policykey.Word:
		v.Choice = policykey.Place(field(0).Int())
	case policykey.Flag:
		v.On = field(0).Bool()
	}
	return v
}

// describePolicy writes the keys of an organ's policy that differ from those of another one, as annotations have them. Of a handler's
// policy only the keys that a handler takes count.
func describePolicy(p, from contract.Policy, ofHandler bool) string {
	var words []string
	for i := range policykey.Table {
		row := &policykey.Table[i]
		if v := policyValue(p, row); v != policyValue(from, row) && (row.OfHandler || !ofHandler) {
			words = append(words, cmp.Or(row.Format(v), row.Name+"=none"))
		}
	}
	return strings.Join(words, " ")
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
