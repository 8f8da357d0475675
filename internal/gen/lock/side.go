package lock

import (
	"slices"
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// side is a value as one of two releases has it.
type side struct {
	typ   string      // as the file writes it
	shape *model.Type // the same as the model has it
	rules *model.Rules
	asked bool // the validator comes to the value, and asks the rules
}

// fieldSide returns a field as a release has it, in whose structs the validator looks or not.
func (c *comparison) fieldSide(f *File, field Field, asked bool) side {
	s := side{field.Type, field.typ, rule.Read(field.Rules, rule.Nowhere), asked}
	if s.shape == nil {
		s.shape = c.shapeOfType(f, field.Type)
	}
	if s.rules != nil && s.rules.Ignored() {
		s.rules, s.asked = nil, false
	}
	return s
}

// elementSide returns the elements of a slice, an array or a map, whose rules stand behind dive.
func (s side) elementSide(typ string) side {
	inner := side{typ: typ, shape: s.shape.Pointed().Elem}
	if inner.shape == nil {
		inner.shape = &model.Type{Kind: model.Other}
	}
	if s.asked && s.rules != nil && s.rules.Dive != nil {
		inner.asked, inner.rules = true, s.rules.Dive
	}
	return inner
}

// isEntered says whether the validator looks at the fields of a struct.
func (s side) isEntered() bool {
	return s.asked && !slices.ContainsFunc(s.ruleList(), func(r *model.Rule) bool {
		entry, ok := rule.Find(r.Name)
		return ok && entry.Form == rule.Stop
	})
}

func (s side) ruleList() []*model.Rule {
	if s.rules == nil {
		return nil
	}
	return s.rules.List
}

// onZero says what becomes of an event in which the value is missing or nil.
func (s side) onZero() rule.Judgement {
	if !s.asked {
		return rule.Judgement{}
	}
	return rule.OnZero(s.shape, s.rules)
}

func (s side) isPointer() bool { return s.shape.Kind == model.Pointer }

// shapeOfType returns a type of a file as the model has it. Of one that encodes itself nothing is known.
func (c *comparison) shapeOfType(f *File, typ string) *model.Type {
	if t := c.shapes[f][typ]; t != nil {
		return t
	}
	t := &model.Type{Name: typ, Desc: typ, Kind: model.Foreign}
	c.shapes[f][typ] = t
	if s := f.structOf(typ); s != nil {
		t.Kind = model.Struct
		for _, field := range s.Fields {
			t.Fields = append(t.Fields, &model.Field{
				Name: field.Name, Wire: field.Name, Exported: true, Type: c.shapeOfType(f, field.Type),
				Rules: rule.Read(field.Rules, rule.Nowhere),
			})
		}
		return t
	}
	head, key, elem := splitType(typ)
	switch {
	case head == "":
		t.Kind = basicKind(typ)
		return t
	case head == "*":
		t.Kind = model.Pointer
	case head == "map":
		t.Kind, t.Key = model.Map, c.shapeOfType(f, key)
	case head == "[]":
		t.Kind = model.Slice
	default:
		t.Kind = model.Array
		t.Len, _ = strconv.ParseInt(head[1:len(head)-1], 10, 64)
	}
	t.Elem = c.shapeOfType(f, elem)
	return t
}

func basicKind(typ string) model.Kind {
	for kind, name := range basics {
		if name == typ {
			return kind
		}
	}
	return model.Foreign
}
