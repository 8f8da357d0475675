package rules

import (
	"reflect"
	"time"
)

// IsZeroTime reports whether all fields of t are zero. Unlike t.IsZero it is false for the
// first instant of the year 1 in a zone of its own, as the reference has it.
func IsZeroTime(t time.Time) bool { return t == time.Time{} }

// IsZero reports whether all fields of the value are zero. Generated code calls it for
// types that can't be compared with ==.
func IsZero[T any](x *T) bool { return reflect.ValueOf(x).Elem().IsZero() }
