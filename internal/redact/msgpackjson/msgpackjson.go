// Package msgpackjson shows MessagePack as JSON, for command lines and log lines.
//
//	msgpackjson.go  values, arrays and maps
//	scalars.go      texts, bytes, floats and times
package msgpackjson

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/necrostack/necrogen/internal/redact"
	"github.com/necrostack/necrogen/runtime/wire"
)

// Encode turns one MessagePack value into JSON, with its fields in their order. What JSON has no
// form for becomes an object: {"$bytes": base64}, and {"$ext": type, "$bytes": base64} for an
// extension other than a time. A float that is no number becomes a string.
func Encode(b []byte) ([]byte, error) { return encoder{limit: math.MaxInt}.encode(b) }

// Masked is Encode with secrets masked, by the names of their fields and in texts. JSON of more
// than limit bytes is cut, and is no JSON any more.
func Masked(b []byte, secrets redact.Names, limit int) (string, error) {
	text, err := encoder{secrets, limit}.encode(b)
	if errors.Is(err, errFull) {
		return fmt.Sprintf("%s… (cut, of %d bytes of MessagePack)", redact.Cut(string(text), limit), len(b)), nil
	}
	return string(text), err
}

// errFull ends an encoding that has become too long.
var errFull = errors.New("too long")

type encoder struct {
	secrets redact.Names
	limit   int // of bytes of JSON
}

// encode returns the text so far with an errFull.
func (e encoder) encode(b []byte) ([]byte, error) {
	if rest, err := wire.Skip(string(b)); err != nil {
		return nil, err
	} else if rest != "" {
		return nil, fmt.Errorf("%d bytes behind the value", len(rest))
	}
	out, _, err := e.appendValue(nil, b)
	if err == nil && len(out) > e.limit {
		err = errFull
	}
	return out, err
}

// The codes of MessagePack that are not ranges.
const (
	codeNil, codeFalse, codeTrue = 0xc0, 0xc2, 0xc3
	codeBin8, codeExt8           = 0xc4, 0xc7
	codeFloat32, codeFloat64     = 0xca, 0xcb
	codeUint8, codeInt8          = 0xcc, 0xd0
	codeFixExt1, codeStr8        = 0xd4, 0xd9
	codeArray16, codeMap16       = 0xdc, 0xde
)

// appendValue appends the value that b begins with, which wire.Skip found whole and not too deep.
func (e encoder) appendValue(out, b []byte) (_, rest []byte, err error) {
	if len(out) > e.limit {
		return out, b, errFull
	}
	c, b := b[0], b[1:]
	switch {
	case c < 0x80 || c >= 0xe0:
		return strconv.AppendInt(out, int64(int8(c)), 10), b, nil
	case c < 0x90:
		return e.appendObject(out, b, int(c&0x0f))
	case c < 0xa0:
		return e.appendArray(out, b, int(c&0x0f))
	case c < 0xc0:
		n := int(c & 0x1f)
		return e.appendText(out, b[:n]), b[n:], nil
	case c == codeNil:
		return append(out, "null"...), b, nil
	case c == codeFalse || c == codeTrue:
		return strconv.AppendBool(out, c == codeTrue), b, nil
	case c == codeFloat32:
		return floatJSON(out, float64(math.Float32frombits(binary.BigEndian.Uint32(b))), 32), b[4:], nil
	case c == codeFloat64:
		return floatJSON(out, math.Float64frombits(binary.BigEndian.Uint64(b)), 64), b[8:], nil
	case c >= codeUint8 && c < codeInt8:
		u, b := readUnsigned(b, 1<<(c-codeUint8))
		return strconv.AppendUint(out, u, 10), b, nil
	case c >= codeInt8 && c < codeFixExt1:
		size := 1 << (c - codeInt8)
		u, b := readUnsigned(b, size)
		return strconv.AppendInt(out, int64(u<<(64-8*size))>>(64-8*size), 10), b, nil
	case c >= codeFixExt1 && c < codeStr8:
		return extJSON(out, b, 1<<(c-codeFixExt1))
	case c >= codeArray16:
		n, b := readUnsigned(b, 2<<((c-codeArray16)&1))
		if c >= codeMap16 {
			return e.appendObject(out, b, int(n))
		}
		return e.appendArray(out, b, int(n))
	case c >= codeStr8:
		n, b := readUnsigned(b, 1<<(c-codeStr8))
		return e.appendText(out, b[:n]), b[n:], nil
	case c >= codeExt8:
		n, b := readUnsigned(b, 1<<(c-codeExt8))
		return extJSON(out, b, int(n))
	case c >= codeBin8:
		n, b := readUnsigned(b, 1<<(c-codeBin8))
		return Bytes(out, b[:min(int(n), e.limit)]), b[n:], nil
	}
	return nil, nil, errors.New("a code that is not used")
}

// readUnsigned reads an unsigned number of so many bytes.
func readUnsigned(b []byte, size int) (n uint64, rest []byte) {
	for _, x := range b[:size] {
		n = n<<8 | uint64(x)
	}
	return n, b[size:]
}

func (e encoder) appendArray(out, b []byte, n int) (_, rest []byte, err error) {
	out = append(out, '[')
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		if out, b, err = e.appendValue(out, b); err != nil {
			return out, nil, err
		}
	}
	return append(out, ']'), b, nil
}

// maxKey bounds the JSON of a key that is no string. The text of a map in a key of a map has twice the backslashes for each
// level, so that a hundred bytes would become more than any memory holds.
const maxKey = 1 << 10

// appendObject writes keys that are no strings as the text of their JSON. What a secret's field has is skipped, and not encoded.
func (e encoder) appendObject(out, b []byte, n int) (_, rest []byte, err error) {
	out = append(out, '{')
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		var key []byte
		if key, b, err = (encoder{e.secrets, min(e.limit, maxKey)}).appendValue(nil, b); err != nil {
			return out, nil, err
		}
		if key[0] != '"' {
			if len(key) > maxKey {
				return out, nil, fmt.Errorf("a key is %w", errFull)
			}
			key = stringJSON(nil, key)
		}
		out = append(append(out, key...), ':')
		if e.secrets.Has(string(key)) {
			out = stringJSON(out, []byte(redact.Mask))
			var after string
			after, err = wire.Skip(wire.View(b))
			b = b[len(b)-len(after):]
		} else {
			out, b, err = e.appendValue(out, b)
		}
		if err != nil {
			return out, nil, err
		}
	}
	return append(out, '}'), b, nil
}
