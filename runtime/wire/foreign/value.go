package foreign

import (
	"reflect"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/runtime/wire"
)

// Append appends the value that v points to as the reference codec writes a field of its type:
// by its EncodeMsgpack or MarshalMsgpack, or as the extension that it is registered for. It is an
// error when that is not one value.
func Append(b []byte, v any) ([]byte, error) { return appendValue(b, reflect.ValueOf(v).Elem()) }

// appendValue lets the reference write. Maps whose keys it can sort are sorted.
func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	out := &writer{b: b, start: len(b), look: len(b) + firstLook}
	enc := msgpack.GetEncoder()
	enc.Reset(out)
	enc.SetSortMapKeys(true)
	err := wire.Call("own encoding", func() error { return enc.EncodeValue(v) })
	if err == nil {
		err = wire.OneValue(wire.View(out.b[out.start:]))
	}
	if err != nil {
		return nil, err
	}
	msgpack.PutEncoder(enc) // after an error it is in some state or other
	return out.b, nil
}

// Read reads into the value that v points to as the reference codec reads a field of its type.
// The type's method is given one value, which is all there and does not nest too deep.
func Read(s string, v any) (string, error) {
	into := reflect.ValueOf(v).Elem()
	return handOver(s, func(d *msgpack.Decoder) error { return d.DecodeValue(into) })
}

// handOver gives the first value of s to the reference, and nothing else.
func handOver(s string, decode func(*msgpack.Decoder) error) (string, error) {
	rest, err := wire.Skip(s)
	if err != nil {
		return "", err
	}
	in := strings.NewReader(s[:len(s)-len(rest)])
	dec := msgpack.GetDecoder()
	dec.Reset(in)
	if err := wire.Call("own decoding", func() error { return decode(dec) }); err != nil {
		return "", err
	}
	msgpack.PutDecoder(dec) // after an error it is in some state or other
	if in.Len() > 0 {
		return "", &wire.Error{Problem: "its own decoding leaves a part of the value unread"}
	}
	return rest, nil
}
