package schema

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// describeRuled describes a type with the rules of its level: its kind, its elements, and its rules.
func (b *Builder) describeRuled(t *model.Type, rules *model.Rules) *Schema {
	if t.Kind == model.Pointer {
		return b.describePointer(t, rules)
	}
	s := b.describeKind(t, rules)
	var list []*model.Rule
	if rules != nil {
		list = rules.List
	}
	if len(list) > 0 && list[0].Name == "omitempty" {
		return s.orEmpty(t, list[1:]).orNil(t, list)
	}
	for _, r := range list {
		s.addRule(t, r)
	}
	return s.wrapReference().orNil(t, list)
}

// orNil lets a slice or a map be nil, unless its rules want elements.
func (s *Schema) orNil(t *model.Type, list []*model.Rule) *Schema {
	collection := t.Kind == model.Slice || t.Kind == model.Map || t.Kind == model.Bytes
	if collection && !refusesZero(t, &model.Rules{List: list}) {
		s.Type = append(s.Type, "null")
	}
	return s
}

// describePointer describes a type that may be nil, unless its rules refuse that.
func (b *Builder) describePointer(t *model.Type, rules *model.Rules) *Schema {
	s := b.describeRuled(t.Elem, rules)
	if refusesZero(t, rules) {
		return s
	}
	return &Schema{AnyOf: []*Schema{s, {Type: Types{"null"}}}}
}

// orEmpty lets a value be empty that has rules for when it is not.
func (s *Schema) orEmpty(t *model.Type, list []*model.Rule) *Schema {
	ruled := &Schema{}
	for _, r := range list {
		ruled.addRule(t, r)
	}
	zero := describeZero(t)
	if ruled.isEmpty() || zero == nil {
		return joinSchemas(s, ruled)
	}
	s.AnyOf = []*Schema{zero, ruled}
	return s
}

// describeZero describes the zero value of a type; nil when no keyword does.
func describeZero(t *model.Type) *Schema {
	none := int64(0)
	switch t.Kind {
	case model.Bool:
		return &Schema{Const: "false"}
	case model.String:
		return &Schema{Const: `""`}
	case model.Slice:
		return &Schema{MaxItems: &none}
	case model.Map:
		return &Schema{MaxProperties: &none}
	}
	if isNumeric(t) {
		return &Schema{Const: "0"}
	}
	return nil
}

func isNumeric(t *model.Type) bool {
	return t.Kind >= model.Int && t.Kind <= model.Float64 || t.Kind == model.Duration
}

// addRule adds a rule to the schema. Without a keyword for it, its text is kept.
func (s *Schema) addRule(t *model.Type, r *model.Rule) {
	if !s.addKeyword(t, r) {
		text := r.Name
		if r.Param != "" {
			text += "=" + r.Param
		}
		s.Validate = append(s.Validate, text)
	}
}

// addKeyword expresses a rule with the keywords of the schema, and reports whether it can.
func (s *Schema) addKeyword(t *model.Type, r *model.Rule) bool {
	switch {
	case r.Or != nil:
		return s.addAlternatives(t, r.Or)
	case r.Name == "required":
		return s.requirePresent(t)
	case r.Name == "oneof":
		return s.oneOf(t, r)
	case r.Name == "unique":
		s.UniqueItems = t.Kind == model.Slice && r.Param == ""
		return s.UniqueItems
	case bounds[r.Name] != nil:
		return s.addBound(t, r)
	case t.Kind == model.String:
		return s.addTextRule(r)
	}
	return false
}

// addAlternatives expresses a|b, if keywords can express each of them.
func (s *Schema) addAlternatives(t *model.Type, or []*model.Rule) bool {
	var any []*Schema
	for _, r := range or {
		one := &Schema{}
		if !one.addKeyword(t, r) {
			return false
		}
		any = append(any, one)
	}
	if s.AnyOf != nil {
		return false
	}
	s.AnyOf = any
	return true
}

// requirePresent refuses the zero value. The list of required fields refuses a missing one.
func (s *Schema) requirePresent(t *model.Type) bool {
	switch {
	case t.Kind == model.String:
		s.atLeast(&s.MinLength, 1)
	case t.Kind == model.Bool:
		s.Const = "true"
	case isNumeric(t):
		s.Not = &Schema{Const: "0"}
	}
	return true
}

func (s *Schema) atLeast(keyword **int64, n int64) {
	if *keyword == nil || **keyword < n {
		*keyword = &n
	}
}

func (s *Schema) atMost(keyword **int64, n int64) {
	if *keyword == nil || **keyword > n {
		*keyword = &n
	}
}

func (s *Schema) oneOf(t *model.Type, r *model.Rule) bool {
	if s.Enum != nil {
		return false
	}
	for _, w := range r.Words {
		if t.Kind == model.String {
			s.Enum = append(s.Enum, w.Text)
		} else {
			s.Enum = append(s.Enum, json.Number(w.Text))
		}
	}
	return true
}

// bounds are the rules that compare a number, or the length of something.
var bounds = map[string]func(s *Schema, t *model.Type, n json.Number, length int64) bool{
	"min": (*Schema).setLower, "gte": (*Schema).setLower,
	"max": (*Schema).setUpper, "lte": (*Schema).setUpper,
	"gt": func(s *Schema, t *model.Type, n json.Number, length int64) bool {
		if !isNumeric(t) {
			return s.setLower(t, n, length+1)
		}
		s.ExclusiveMinimum = n
		return true
	},
	"lt": func(s *Schema, t *model.Type, n json.Number, length int64) bool {
		if !isNumeric(t) {
			return s.setUpper(t, n, length-1)
		}
		s.ExclusiveMaximum = n
		return true
	},
	"len": func(s *Schema, t *model.Type, n json.Number, length int64) bool {
		return s.setLower(t, n, length) && s.setUpper(t, n, length)
	},
}

// addBound adds a bound, whose parameter is read as a value of the type.
func (s *Schema) addBound(t *model.Type, r *model.Rule) bool {
	var n json.Number
	var length int64
	switch {
	case t.Kind == model.Duration:
		d, err := time.ParseDuration(r.Param)
		if err != nil {
			return false
		}
		n = numberOf(int64(d))
	case t.Kind == model.Float32 || t.Kind == model.Float64:
		f, err := strconv.ParseFloat(r.Param, 64)
		text, jsonErr := json.Marshal(f)
		if err != nil || jsonErr != nil {
			return false
		}
		n = json.Number(text)
	default:
		var err error
		if length, err = strconv.ParseInt(r.Param, 0, 64); err != nil {
			return false
		}
		n = numberOf(length)
	}
	return bounds[r.Name](s, t, n, length)
}

func (s *Schema) setLower(t *model.Type, n json.Number, length int64) bool {
	switch {
	case isNumeric(t):
		s.Minimum = n
	case t.Kind == model.String:
		s.atLeast(&s.MinLength, length)
	case t.Kind == model.Slice:
		s.atLeast(&s.MinItems, length)
	case t.Kind == model.Map:
		s.atLeast(&s.MinProperties, length)
	default:
		return false
	}
	return true
}

func (s *Schema) setUpper(t *model.Type, n json.Number, length int64) bool {
	switch {
	case isNumeric(t):
		s.Maximum = n
	case t.Kind == model.String:
		s.atMost(&s.MaxLength, length)
	case t.Kind == model.Slice:
		s.atMost(&s.MaxItems, length)
	case t.Kind == model.Map:
		s.atMost(&s.MaxProperties, length)
	default:
		return false
	}
	return true
}

// formats are rules that a keyword "format" says, and patterns those that an expression says.
var (
	formats = map[string]string{
		"email": "email", "url": "uri", "uri": "uri", "http_url": "uri", "uuid": "uuid", "uuid3": "uuid", "uuid4": "uuid",
		"uuid5": "uuid", "ipv4": "ipv4", "ipv6": "ipv6", "hostname": "hostname", "hostname_rfc1123": "hostname", "fqdn": "hostname",
	}
	patterns = map[string]string{
		"alpha": "^[a-zA-Z]+$", "alphanum": "^[a-zA-Z0-9]+$", "numeric": `^[-+]?[0-9]+(\.[0-9]+)?$`, "number": "^[0-9]+$",
		"hexadecimal": "^(0[xX])?[0-9a-fA-F]+$", "e164": `^\+[1-9]?[0-9]{7,14}$`,
	}
)

// addTextRule expresses a rule of strings.
func (s *Schema) addTextRule(r *model.Rule) bool {
	pattern := patterns[r.Name]
	switch r.Name {
	case "contains":
		pattern = regexp.QuoteMeta(r.Param)
	case "startswith":
		pattern = "^" + regexp.QuoteMeta(r.Param)
	case "endswith":
		pattern = regexp.QuoteMeta(r.Param) + "$"
	}
	switch {
	case formats[r.Name] != "" && s.Format == "":
		s.Format = formats[r.Name]
	case pattern != "" && s.Pattern == "":
		s.Pattern = pattern
	default:
		return false
	}
	return true
}
