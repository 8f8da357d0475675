package rules

import (
	"math"
	"reflect"
	"time"
)

// IsZeroFloat reports whether x is zero and not negative zero, which the reference takes
// for a value.
func IsZeroFloat[F ~float32 | ~float64](x F) bool { return x == 0 && !math.Signbit(float64(x)) }

// IsZeroTime reports whether all fields of t are zero. Unlike t.IsZero it is false for the
// first instant of the year 1 in a zone of its own, as the reference has it.
func IsZeroTime(t time.Time) bool { return t == time.Time{} }

// IsZero reports whether all fields of the value are zero. Generated code calls it for
// types that can't be compared with ==.
func IsZero[T any](x *T) bool { return reflect.ValueOf(x).Elem().IsZero() }
