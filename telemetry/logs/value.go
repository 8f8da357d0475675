package logs

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/necrostack/necrogen/internal/redact"
)

// maskValue masks a value in the form in which it is written.
func (m *masker) maskValue(v slog.Value) slog.Value {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(m.names.Text(v.String()))
	case slog.KindGroup:
		return slog.GroupValue(m.maskAttrs(v.Group())...)
	case slog.KindAny:
		return m.maskAny(v.Any())
	}
	return v
}

// maskAny masks a value that has methods or parts. One that panics becomes what slog makes of it.
func (m *masker) maskAny(v any) (masked slog.Value) {
	defer func() {
		if p := recover(); p != nil {
			masked = slog.StringValue(m.names.Text(fmt.Sprintf("!PANIC: %v", p)))
			if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
				masked = slog.StringValue("<nil>")
			}
		}
	}()
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(m.names.Text(v.Error()))
	case json.Marshaler:
		return m.maskJSON(v)
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return slog.StringValue("!ERROR: " + m.names.Text(err.Error()))
		}
		return slog.StringValue(m.names.Text(string(text)))
	case []byte:
		if text := m.names.Text(string(v)); text != string(v) {
			return slog.StringValue(text)
		}
		return slog.AnyValue(v)
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.String:
		if s, ok := v.(fmt.Stringer); ok {
			return slog.StringValue(m.names.Text(s.String()))
		}
		return m.maskJSON(v)
	}
	return slog.AnyValue(v)
}

// maskJSON masks the parts of a value, as JSON has them: fields that are not exported are left out.
func (m *masker) maskJSON(v any) slog.Value {
	text, err := json.Marshal(v)
	if err != nil { // a channel or a function is in it
		return slog.StringValue(m.names.Text(fmt.Sprintf("%+v", v)))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var parts any
	if err := d.Decode(&parts); err != nil {
		return slog.StringValue("!ERROR: " + m.names.Text(err.Error()))
	}
	return slog.AnyValue(m.maskPart(parts))
}

// maskPart masks what JSON consists of.
func (m *masker) maskPart(v any) any {
	switch v := v.(type) {
	case string:
		return m.names.Text(v)
	case []any:
		for i := range v {
			v[i] = m.maskPart(v[i])
		}
	case map[string]any:
		masked := make(map[string]any, len(v))
		for key, inner := range v {
			if m.names.Has(key) {
				inner = redact.Mask
			}
			masked[m.names.Text(key)] = m.maskPart(inner)
		}
		return masked
	}
	return v
}
