package wire

import (
	"encoding"
	"errors"
	"unsafe"
)

// ReadBinary hands binary data or a string to a value's UnmarshalBinary; nil leaves the value
// as it is.
//
//go:noinline
func ReadBinary(s string, v encoding.BinaryUnmarshaler) (string, error) {
	return readOwn(s, "UnmarshalBinary", v.UnmarshalBinary)
}

// ReadText hands binary data or a string to a value's UnmarshalText; nil leaves the value as
// it is.
//
//go:noinline
func ReadText(s string, v encoding.TextUnmarshaler) (string, error) {
	return readOwn(s, "UnmarshalText", v.UnmarshalText)
}

func readOwn(s, method string, unmarshal func([]byte) error) (string, error) {
	if IsNil(s) {
		return s[1:], nil
	}
	data, s, err := readText(s, "binary data or a string")
	if err != nil {
		return s, err
	}
	if err := Call(method, func() error { return unmarshal([]byte(data)) }); err != nil {
		return "", err
	}
	return s, nil
}

// ReadError reads an error's text; nil is no error.
func ReadError(s string, v *error) (string, error) {
	if IsNil(s) {
		*v = nil
		return s[1:], nil
	}
	data, s, err := readText(s, "the text of an error")
	if err == nil {
		*v = errors.New(data)
	}
	return s, err
}

// ReadRaw reads a value of any type as it is encoded, into memory of its own; nil stays nil.
func ReadRaw(s string, v *[]byte) (string, error) {
	if IsNil(s) {
		*v = nil
		return s[1:], nil
	}
	rest, err := Skip(s)
	if err == nil {
		*v = []byte(s[:len(s)-len(rest)])
	}
	return rest, err
}

// ReadEvent reads an event of another package by its own method.
func ReadEvent(s string, v interface {
	ReadMsgpack(b []byte) (rest []byte, err error)
}) (string, error) {
	rest, err := Skip(s)
	if err != nil {
		return "", err
	}
	in := s[:len(s)-len(rest)]
	if _, err := v.ReadMsgpack(unsafe.Slice(unsafe.StringData(in), len(in))); err != nil {
		return "", err
	}
	return rest, nil
}
