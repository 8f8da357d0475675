package templates

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// compareField compares with another field of the struct. One that is not there equals nothing.
//
//	v.Pass == v.Again
//	v.From != nil && v.To.After(*v.From)
func (l *level) compareField(r *model.Rule, entry *rule.Rule, v value) check {
	ref := l.referField(r.Param)
	says := fieldSays(entry, rule.Of(v.t), ref.wire)
	if ref.t.Under() != v.t.Under() {
		l.g.keepError("%s: %s and %s are of different kinds", r.Name, v.t.Desc, ref.t.Desc)
		return check{certain, says}
	}
	var holds condition
	if entry.Form == rule.FieldIn {
		holds = l.ruleExpression(entry.Go, map[string]*jen.Statement{"x": l.textValue(v), "param": l.textValue(ref.value)})
	} else {
		holds = l.compareRelated(v, entry, ref.value)
	}
	if entry.Go[0] == '!' {
		return check{anyOf(ref.missing(), holds), says}
	}
	return check{allOf(ref.missing().not(), holds), says}
}

// compareRelated compares two values of one kind.
func (l *level) compareRelated(v value, entry *rule.Rule, other value) condition {
	x, y, op := v.at.value(), other.at.value(), entry.Go
	equality := op == "==" || op == "!="
	switch kind := rule.Of(v.t); {
	case kind&rule.Collection != 0:
		return comparison(jen.Len(x), op, jen.Len(y))
	case kind&rule.Time != 0:
		return l.timeRelated(v, op, other)
	case kind&rule.Text != 0 && !equality && !strings.Contains(entry.Name, "cs"):
		return comparison(jen.Len(x), op, jen.Len(y))
	case v.t.Path != other.t.Path || v.t.Name != other.t.Name:
		name := basic[v.t.Under()].goName
		x, y = convertTo(v.t, name, x), convertTo(other.t, name, y)
	}
	if rule.Of(v.t)&rule.Float != 0 && !equality {
		return strictComparison(x.Op(op).Add(y))
	}
	return comparison(x, op, y)
}

func (l *level) timeRelated(v value, op string, other value) condition {
	at := v.at.operand()
	if v.t.Kind != model.Time {
		at = l.timeValue(v)
	}
	ask := func(method string) condition { return callCondition(at.Clone().Dot(method).Call(l.timeValue(other))) }
	switch op {
	case "==":
		return ask("Equal")
	case "!=":
		return ask("Equal").not()
	case ">":
		return ask("After")
	case "<":
		return ask("Before")
	case ">=":
		return ask("Before").not()
	}
	return ask("After").not()
}
