package rules

import "reflect"

// Set reports whether an interface holds something: not nil, nor a pointer to nothing, nor a
// slice or map that is nil.
func Set(x any) bool {
	if x == nil {
		return false
	}
	v := reflect.ValueOf(x)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return false
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Chan, reflect.Func:
		return !v.IsNil()
	}
	return true
}
