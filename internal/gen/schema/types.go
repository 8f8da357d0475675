package schema

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// Builder describes events that share the structs that they hold.
type Builder struct {
	// Definitions are the structs that were met, each once: a recursive one refers to itself.
	Definitions Properties

	prefix string
	names  map[*model.Type]string
	taken  map[string]bool
}

// NewBuilder returns a builder whose references begin with prefix: where the definitions will
// stand in the document, "#/definitions/".
func NewBuilder(prefix string) *Builder {
	return &Builder{prefix: prefix, names: map[*model.Type]string{}, taken: map[string]bool{}}
}

// Event describes an event of the main module; of another one only the name is known.
func (b *Builder) Event(e *model.Event) *Schema {
	if e.Struct == nil {
		return &Schema{Title: e.Name, Type: Types{"object"}}
	}
	s := b.describeStruct(e.Struct)
	s.Title, s.Description = e.Name, e.Directive.Doc
	return s
}

// describeStruct describes a struct: an object whose fields may all be missing, since a field that is
// missing is read as zero, unless a rule asks for something else.
func (b *Builder) describeStruct(t *model.Type) *Schema {
	s := &Schema{Type: Types{"object"}}
	for _, f := range t.WireFields() {
		value := b.describeField(f)
		if f.Doc != "" {
			value.Description = f.Doc
		}
		s.Properties = append(s.Properties, Property{f.Wire, value.wrapReference()})
		if refusesZero(f.Type, f.Rules) {
			s.Required = append(s.Required, f.Wire)
		}
	}
	return s
}

// refusesZero says whether a value that is missing or null, and so zero, breaks rules for certain: its own, or
// those of the values in it.
func refusesZero(t *model.Type, rules *model.Rules) bool {
	return rule.OnZero(t, rules).Verdict == rule.Refuses
}

// describeField describes a field with its rules.
func (b *Builder) describeField(f *model.Field) *Schema { return b.describeRuled(f.Type, f.Rules) }

// describeKind describes the kind of a type's values, without their elements.
func (b *Builder) describeKind(t *model.Type, rules *model.Rules) *Schema {
	switch t.Kind {
	case model.Bool:
		return &Schema{Type: Types{"boolean"}}
	case model.String, model.Error:
		return &Schema{Type: Types{"string"}}
	case model.Float32, model.Float64:
		return &Schema{Type: Types{"number"}}
	case model.Duration:
		return &Schema{Type: Types{"integer"}, Format: "int64", Description: "nanoseconds"}
	case model.Time:
		return &Schema{Type: Types{"string"}, Format: "date-time"}
	case model.Bytes:
		return &Schema{Type: Types{"string"}, Encoding: "base64"}
	case model.Slice, model.Array:
		return b.describeList(t, rules)
	case model.Map:
		return b.describeMap(t, rules)
	case model.Struct:
		return b.describeReference(t)
	}
	if low, high, ok := integerLimits(t.Kind); ok {
		return &Schema{Type: Types{"integer"}, Minimum: low, Maximum: high}
	}
	return &Schema{} // any, and what encodes itself
}

// integerLimits returns the range of an integer type. Those of 64 bits have none worth telling.
func integerLimits(k model.Kind) (low, high json.Number, ok bool) {
	switch k {
	case model.Int, model.Int64:
		return "", "", true
	case model.Uint, model.Uint64:
		return "0", "", true
	case model.Int8, model.Int16, model.Int32:
		bits := map[model.Kind]int{model.Int8: 8, model.Int16: 16, model.Int32: 32}[k]
		return numberOf(math.MinInt64 >> (64 - bits)), numberOf(math.MaxInt64 >> (64 - bits)), true
	case model.Uint8, model.Uint16, model.Uint32:
		bits := map[model.Kind]int{model.Uint8: 8, model.Uint16: 16, model.Uint32: 32}[k]
		return "0", numberOf(1<<bits - 1), true
	}
	return "", "", false
}

func numberOf(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

func (b *Builder) describeList(t *model.Type, rules *model.Rules) *Schema {
	if t.Kind == model.Array && t.Elem.Kind == model.Uint8 {
		return &Schema{Type: Types{"string"}, Encoding: "base64"}
	}
	s := &Schema{Type: Types{"array"}, Items: b.describeRuled(t.Elem, diveRules(rules))}
	if t.Kind == model.Array {
		s.MinItems, s.MaxItems = &t.Len, &t.Len
	}
	return s
}

func (b *Builder) describeMap(t *model.Type, rules *model.Rules) *Schema {
	s := &Schema{Type: Types{"object"}, AdditionalProperties: b.describeRuled(t.Elem, diveRules(rules))}
	if inner := diveRules(rules); inner != nil && inner.Keys != nil {
		s.PropertyNames = b.describeRuled(t.Key, inner.Keys)
	}
	return s
}

func diveRules(rules *model.Rules) *model.Rules {
	if rules == nil {
		return nil
	}
	return rules.Dive
}

// describeReference describes a struct by its definition.
func (b *Builder) describeReference(t *model.Type) *Schema {
	name, known := b.names[t]
	if !known {
		name = b.definitionName(t)
		b.names[t] = name
		i := len(b.Definitions)
		b.Definitions = append(b.Definitions, Property{Name: name})
		b.Definitions[i].Schema = b.describeStruct(t)
	}
	return &Schema{Ref: b.prefix + name}
}

// definitionName names a definition after its type; another type of that name gets a number.
func (b *Builder) definitionName(t *model.Type) string {
	base := t.Name
	if base == "" {
		base = "struct"
	}
	name := base
	for n := 2; b.taken[name]; n++ {
		name = base + strconv.Itoa(n)
	}
	b.taken[name] = true
	return name
}
