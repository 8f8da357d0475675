package contract

import (
	"reflect"
	"strings"

	"github.com/necrostack/necrogen/runtime/rules"
)

// Value finds the value that broke the rule in the event that was validated, or a pointer to it; ok is false
// when there is none at the path. Neither the violation nor its text holds the value, since it may be a secret:
// a caller that logs the value has decided so. It uses reflection.
//
// For a violation of a //necro:check it is the event, and for one of a map's key the value at
// that key.
func (v Violation) Value(event any) (value any, ok bool) {
	found, ok := followPath(reflect.ValueOf(event), v.Path)
	if !ok || !found.CanInterface() {
		return nil, false
	}
	return found.Interface(), true
}

// followPath follows a path: ".qty" into a struct, "[2]" into elements, "[blue]" into a map.
func followPath(v reflect.Value, path string) (reflect.Value, bool) {
	if path == "" {
		return v, v.IsValid()
	}
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem() // of nil it is invalid
	}
	switch v.Kind() {
	case reflect.Struct:
		return atField(v, strings.TrimPrefix(path, "."))
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if rest, ok := strings.CutPrefix(path, rules.Index("", i)); ok {
				return followPath(v.Index(i), rest)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			rest, ok := strings.CutPrefix(path, rules.Key("", key.Interface()))
			if found, found2 := followPath(v.MapIndex(key), rest); ok && found2 {
				return found, true
			}
		}
	}
	return reflect.Value{}, false
}

// atField looks for a field by its wire name, and in embedded structs.
func atField(v reflect.Value, path string) (reflect.Value, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		rest, ok := strings.CutPrefix(path, wireName(f))
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			if found, ok := followPath(v.Field(i), rest); ok {
				return found, true
			}
		}
		if f.Anonymous {
			if found, ok := followPath(v.Field(i), path); ok {
				return found, true
			}
		}
	}
	return reflect.Value{}, false
}

// wireName is the name of a field on the wire, or its Go name.
func wireName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("msgpack"), ",")
	if name == "" || name == "-" || strings.Contains(name, ":") {
		return f.Name
	}
	return name
}
