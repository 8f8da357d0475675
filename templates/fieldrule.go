package templates

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/rule"
	"github.com/necrostack/necrogen/internal/spec"
)

// field compares with another field of the struct. One that is not there equals nothing.
//
//	v.Pass == v.Again
//	v.From != nil && v.To.After(*v.From)
func (l *level) field(r *spec.Rule, entry *rule.Rule, v value) check {
	ref := l.refer(r.Param)
	says := fieldSays(entry, rule.Of(v.t), ref.wire)
	if ref.t.Under() != v.t.Under() {
		l.g.fail("%s: %s and %s are of different kinds", r.Name, v.t.Desc, ref.t.Desc)
		return check{certain, says}
	}
	var holds condition
	if entry.Form == rule.FieldIn {
		holds = l.expression(entry.Go, map[string]*jen.Statement{"x": l.text(v), "param": l.text(ref.value)})
	} else {
		holds = l.related(v, entry, ref.value)
	}
	if entry.Go[0] == '!' {
		return check{anyOf(ref.missing(), holds), says}
	}
	return check{all(ref.missing().not(), holds), says}
}

// related compares two values of one kind.
func (l *level) related(v value, entry *rule.Rule, other value) condition {
	x, y, op := v.at.value(), other.at.value(), entry.Go
	equality := op == "==" || op == "!="
	switch kind := rule.Of(v.t); {
	case kind&rule.Collection != 0:
		return compared(jen.Len(x), op, jen.Len(y))
	case kind&rule.Time != 0:
		return l.timeRelated(v, op, other)
	case kind&rule.Text != 0 && !equality && !strings.Contains(entry.Name, "cs"):
		return compared(jen.Len(x), op, jen.Len(y))
	case v.t.Path != other.t.Path || v.t.Name != other.t.Name:
		name := basic[v.t.Under()].goName
		x, y = converted(v.t, name, x), converted(other.t, name, y)
	}
	if rule.Of(v.t)&rule.Float != 0 && !equality {
		return strictly(x.Op(op).Add(y))
	}
	return compared(x, op, y)
}

func (l *level) timeRelated(v value, op string, other value) condition {
	at := v.at.operand()
	if v.t.Kind != spec.Time {
		at = l.time(v)
	}
	ask := func(method string) condition { return asks(at.Clone().Dot(method).Call(l.time(other))) }
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
