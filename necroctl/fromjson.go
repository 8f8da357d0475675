package necroctl

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/necrostack/necrogen/runtime/wire"
)

// FromJSON turns one JSON value into MessagePack, with its fields in their order. A number without
// point and exponent becomes an integer, which generated code also reads as a float; a time stays
// the string that it is, which generated code reads as a time; {"$bytes": base64} becomes bytes.
func FromJSON(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	b, err := appendValue(nil, d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one JSON value")
	}
	return b, nil
}

// appendValue appends the next value. encoding/json bounds how deep it nests.
func appendValue(b []byte, d *json.Decoder) ([]byte, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case nil:
		return wire.AppendNil(b), nil
	case bool:
		return wire.AppendBool(b, v), nil
	case string:
		return wire.AppendString(b, v), nil
	case json.Number:
		return appendNumber(b, string(v))
	}
	if token == json.Delim('[') {
		return appendList(b, d)
	}
	return appendObject(b, d)
}

func appendNumber(b []byte, text string) ([]byte, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return wire.AppendInt64(b, n), nil
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return wire.AppendUint64(b, n), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	return wire.AppendFloat64(b, f), err
}

func appendList(b []byte, d *json.Decoder) ([]byte, error) {
	var items []byte
	n := 0
	for ; d.More(); n++ {
		var err error
		if items, err = appendValue(items, d); err != nil {
			return nil, err
		}
	}
	_, err := d.Token() // the bracket
	return append(wire.AppendArrayLen(b, n), items...), err
}

func appendObject(b []byte, d *json.Decoder) ([]byte, error) {
	var fields []byte
	n, only := 0, ""
	for ; d.More(); n++ {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		only = key.(string) // the decoder wants one
		start := len(fields)
		fields = wire.AppendString(fields, only)
		if fields, err = appendValue(fields, d); err != nil {
			return nil, fmt.Errorf("%s: %w", only, err)
		}
		if start == 0 && only == "$bytes" && !d.More() {
			if _, err := d.Token(); err != nil { // the brace
				return nil, err
			}
			return appendBase64(b, fields[1+len(only):])
		}
	}
	_, err := d.Token() // the brace
	return append(wire.AppendMapLen(b, n), fields...), err
}

// appendBase64 appends the bytes that an encoded string stands for.
func appendBase64(b, encoded []byte) ([]byte, error) {
	var text string
	if _, err := wire.ReadString(string(encoded), &text); err != nil {
		return nil, fmt.Errorf("$bytes: %w", err)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("$bytes: %w", err)
	}
	return wire.AppendBytes(b, data), nil
}
