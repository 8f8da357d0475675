package schema

import (
	"bytes"
	"encoding/json"
)

// Schema is a JSON Schema. The zero value allows everything.
type Schema struct {
	Ref         string  `json:"$ref,omitempty"`
	Title       string  `json:"title,omitempty"`
	Description string  `json:"description,omitempty"`
	Type        Types   `json:"type,omitempty"`
	Format      string  `json:"format,omitempty"`
	Encoding    string  `json:"contentEncoding,omitempty"`
	Pattern     string  `json:"pattern,omitempty"`
	Const       Literal `json:"const,omitempty"`
	Enum        []any   `json:"enum,omitempty"`

	Minimum          json.Number `json:"minimum,omitempty"`
	Maximum          json.Number `json:"maximum,omitempty"`
	ExclusiveMinimum json.Number `json:"exclusiveMinimum,omitempty"`
	ExclusiveMaximum json.Number `json:"exclusiveMaximum,omitempty"`

	MinLength     *int64 `json:"minLength,omitempty"`
	MaxLength     *int64 `json:"maxLength,omitempty"`
	MinItems      *int64 `json:"minItems,omitempty"`
	MaxItems      *int64 `json:"maxItems,omitempty"`
	MinProperties *int64 `json:"minProperties,omitempty"`
	MaxProperties *int64 `json:"maxProperties,omitempty"`
	UniqueItems   bool   `json:"uniqueItems,omitempty"`

	Properties           Properties `json:"properties,omitempty"`
	Required             []string   `json:"required,omitempty"`
	Items                *Schema    `json:"items,omitempty"`
	PropertyNames        *Schema    `json:"propertyNames,omitempty"`
	AdditionalProperties *Schema    `json:"additionalProperties,omitempty"`

	AllOf []*Schema `json:"allOf,omitempty"`
	AnyOf []*Schema `json:"anyOf,omitempty"`
	Not   *Schema   `json:"not,omitempty"`

	Definitions Properties `json:"definitions,omitempty"`
	// Validate holds the rules that no keyword says, as the struct tag has them.
	Validate []string `json:"x-validate,omitempty"`
}

// Types are the types that a value may have.
type Types []string

// MarshalJSON writes one type as a string, several as an array.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Literal is a JSON value as it is written. Empty is none.
type Literal string

// MarshalJSON writes the value as it is.
func (l Literal) MarshalJSON() ([]byte, error) { return []byte(l), nil }

// Property is a named schema.
type Property struct {
	Name   string
	Schema *Schema
}

// Properties are written as an object in their order, which is that of the source.
type Properties []Property

// MarshalJSON writes an object.
func (p Properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, property := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(property.Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(property.Schema); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// wrapReference keeps a reference apart from the keywords beside it: draft 7 looks at nothing beside it.
func (s *Schema) wrapReference() *Schema {
	ref := &Schema{Ref: s.Ref}
	rest := *s
	if rest.Ref = ""; s.Ref == "" || rest.isEmpty() {
		return s
	}
	rest.AllOf = append([]*Schema{ref}, rest.AllOf...)
	return &rest
}

// joinSchemas joins two schemas for the same value.
func joinSchemas(a, b *Schema) *Schema {
	switch {
	case a.isEmpty():
		return b
	case b.isEmpty():
		return a
	}
	return &Schema{AllOf: []*Schema{a, b}}
}

func (s *Schema) isEmpty() bool {
	text, err := json.Marshal(s)
	return err == nil && string(text) == "{}"
}
