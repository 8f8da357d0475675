package directive

import (
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

// Policy reads the policy keys of a directive. Of a key that comes twice the first one counts. A value that
// cannot be read is left out, because the checks report it.
func Policy(d *model.Directive) model.Policy {
	p := model.Policy{Keys: map[string]model.Pos{}, Values: map[string]policykey.Value{}}
	for _, a := range d.Args {
		row := policykey.Lookup(a.Key)
		if row == nil || !row.OfHandler && d.Verb != Organ {
			continue
		}
		if _, again := p.Keys[a.Key]; again {
			continue
		}
		p.Keys[a.Key] = a.Pos
		text := a.Value
		if row.Kind == policykey.Flag {
			text = "true"
		}
		if v, err := row.Parse(text); err == nil {
			p.Values[a.Key] = v
		}
	}
	return p
}
