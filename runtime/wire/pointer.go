package wire

import "time"

// The functions for pointers to what structs hold most. They are calls that stay calls: a struct of a
// hundred pointers would otherwise have the code of a hundred of them, and compile as long.

// AppendBoolPointer appends a bool, or nil.
//
//go:noinline
func AppendBoolPointer(b []byte, v *bool) []byte {
	if v == nil {
		return AppendNil(b)
	}
	return AppendBool(b, *v)
}

// AppendIntPointer appends an int, or nil.
//
//go:noinline
func AppendIntPointer(b []byte, v *int) []byte {
	if v == nil {
		return AppendNil(b)
	}
	return AppendInt(b, *v)
}

// AppendInt64Pointer appends an int64, or nil.
//
//go:noinline
func AppendInt64Pointer(b []byte, v *int64) []byte {
	if v == nil {
		return AppendNil(b)
	}
	return AppendInt64(b, *v)
}

// AppendFloat64Pointer appends a float64, or nil.
//
//go:noinline
func AppendFloat64Pointer(b []byte, v *float64) []byte {
	if v == nil {
		return AppendNil(b)
	}
	return AppendFloat64(b, *v)
}

// AppendStringPointer appends a string, or nil.
//
//go:noinline
func AppendStringPointer(b []byte, v *string) []byte {
	if v == nil {
		return AppendNil(b)
	}
	return AppendString(b, *v)
}

// AppendTimePointer appends a time, or nil.
//
//go:noinline
func AppendTimePointer(b []byte, v *time.Time) []byte {
	if v == nil {
		return AppendNil(b)
	}
	return AppendTime(b, *v)
}

// ReadBoolPointer reads a bool; nil leaves nil.
//
//go:noinline
func ReadBoolPointer(s string, v **bool) (string, error) { return readPointer(s, v, ReadBool) }

// ReadIntPointer reads an int; nil leaves nil.
//
//go:noinline
func ReadIntPointer(s string, v **int) (string, error) { return readPointer(s, v, ReadInt) }

// ReadInt64Pointer reads an int64; nil leaves nil.
//
//go:noinline
func ReadInt64Pointer(s string, v **int64) (string, error) { return readPointer(s, v, ReadInt64) }

// ReadFloat64Pointer reads a float64; nil leaves nil.
//
//go:noinline
func ReadFloat64Pointer(s string, v **float64) (string, error) { return readPointer(s, v, ReadFloat64) }

// ReadStringPointer reads a string; nil leaves nil.
//
//go:noinline
func ReadStringPointer(s string, v **string) (string, error) { return readPointer(s, v, ReadString) }

// ReadTimePointer reads a time; nil leaves nil.
//
//go:noinline
func ReadTimePointer(s string, v **time.Time) (string, error) { return readPointer(s, v, ReadTime) }

func readPointer[T any](s string, v **T, read func(string, *T) (string, error)) (string, error) {
	if IsNil(s) {
		return s[1:], nil
	}
	*v = new(T)
	return read(s, *v)
}
