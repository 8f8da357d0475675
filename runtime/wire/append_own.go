package wire

import (
	"encoding"
	"fmt"
)

// AppendBinary appends what a value's MarshalBinary returns, as binary data; nil stays nil.
//
//go:noinline
func AppendBinary(b []byte, v encoding.BinaryMarshaler) ([]byte, error) {
	return appendOwn(b, "MarshalBinary", v.MarshalBinary)
}

// AppendText appends what a value's MarshalText returns, as binary data; nil stays nil.
//
//go:noinline
func AppendText(b []byte, v encoding.TextMarshaler) ([]byte, error) {
	return appendOwn(b, "MarshalText", v.MarshalText)
}

func appendOwn(b []byte, method string, marshal func() ([]byte, error)) ([]byte, error) {
	var data []byte
	err := Call(method, func() (err error) {
		data, err = marshal()
		return err
	})
	if err != nil {
		return nil, err
	}
	return AppendBytes(b, data), nil
}

// AppendError appends an error's text, or nil.
func AppendError(b []byte, v error) ([]byte, error) {
	if v == nil {
		return AppendNil(b), nil
	}
	err := Call("Error", func() error {
		b = AppendString(b, v.Error())
		return nil
	})
	return b, err
}

// AppendRaw appends a value that is encoded already; nil stays nil. Bytes that are not exactly one value would
// make the event unreadable.
func AppendRaw(b, v []byte) ([]byte, error) {
	if v == nil {
		return AppendNil(b), nil
	}
	if err := OneValue(View(v)); err != nil {
		return nil, err
	}
	return append(b, v...), nil
}

// OneValue returns an error unless the bytes that a type's own method wrote are exactly one value.
func OneValue(s string) error {
	rest, err := Skip(s)
	switch {
	case s == "":
		_, err = failRead("nothing where a value is due")
	case err == nil && rest != "":
		_, err = failRead("more than the one value that is due: put them into an array")
	}
	return err
}

// Call calls a method of the value's own type. A panic in it is an error, too.
func Call(method string, call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Error{Problem: fmt.Sprintf("its %s panics: %v", method, r)}
		}
	}()
	if err := call(); err != nil {
		return &Error{Problem: "its " + method + " fails", Err: err}
	}
	return nil
}
