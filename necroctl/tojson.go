package necroctl

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/necrostack/necrogen/runtime/wire"
)

// ToJSON turns one MessagePack value into JSON, with its fields in their order. What JSON has no
// form for becomes an object: {"$bytes": base64}, and {"$ext": type, "$bytes": base64} for an
// extension other than a time. A float that is no number becomes a string.
func ToJSON(b []byte) ([]byte, error) {
	if rest, err := wire.Skip(string(b)); err != nil {
		return nil, err
	} else if rest != "" {
		return nil, fmt.Errorf("%d bytes behind the value", len(rest))
	}
	out, _, err := appendJSON(nil, b)
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

// appendJSON appends the value that b begins with, which wire.Skip found whole and not too deep.
func appendJSON(out, b []byte) (_, rest []byte, err error) {
	c, b := b[0], b[1:]
	switch {
	case c < 0x80 || c >= 0xe0:
		return strconv.AppendInt(out, int64(int8(c)), 10), b, nil
	case c < 0x90:
		return appendMap(out, b, int(c&0x0f))
	case c < 0xa0:
		return appendArray(out, b, int(c&0x0f))
	case c < 0xc0:
		n := int(c & 0x1f)
		return stringJSON(out, b[:n]), b[n:], nil
	case c == codeNil:
		return append(out, "null"...), b, nil
	case c == codeFalse || c == codeTrue:
		return strconv.AppendBool(out, c == codeTrue), b, nil
	case c == codeFloat32:
		return floatJSON(out, float64(math.Float32frombits(binary.BigEndian.Uint32(b))), 32), b[4:], nil
	case c == codeFloat64:
		return floatJSON(out, math.Float64frombits(binary.BigEndian.Uint64(b)), 64), b[8:], nil
	case c >= codeUint8 && c < codeInt8:
		u, b := number(b, 1<<(c-codeUint8))
		return strconv.AppendUint(out, u, 10), b, nil
	case c >= codeInt8 && c < codeFixExt1:
		size := 1 << (c - codeInt8)
		u, b := number(b, size)
		return strconv.AppendInt(out, int64(u<<(64-8*size))>>(64-8*size), 10), b, nil
	case c >= codeFixExt1 && c < codeStr8:
		return extJSON(out, b, 1<<(c-codeFixExt1))
	case c >= codeArray16:
		n, b := number(b, 2<<((c-codeArray16)&1))
		if c >= codeMap16 {
			return appendMap(out, b, int(n))
		}
		return appendArray(out, b, int(n))
	case c >= codeStr8:
		n, b := number(b, 1<<(c-codeStr8))
		return stringJSON(out, b[:n]), b[n:], nil
	case c >= codeExt8:
		n, b := number(b, 1<<(c-codeExt8))
		return extJSON(out, b, int(n))
	case c >= codeBin8:
		n, b := number(b, 1<<(c-codeBin8))
		return bytesJSON(out, b[:n]), b[n:], nil
	}
	return nil, nil, errors.New("a code that is not used")
}

// number reads an unsigned number of so many bytes.
func number(b []byte, size int) (n uint64, rest []byte) {
	for _, x := range b[:size] {
		n = n<<8 | uint64(x)
	}
	return n, b[size:]
}

func appendArray(out, b []byte, n int) (_, rest []byte, err error) {
	out = append(out, '[')
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		if out, b, err = appendJSON(out, b); err != nil {
			return nil, nil, err
		}
	}
	return append(out, ']'), b, nil
}

// appendMap writes keys that are no strings as the text of their JSON.
func appendMap(out, b []byte, n int) (_, rest []byte, err error) {
	out = append(out, '{')
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		var key []byte
		if key, b, err = appendJSON(nil, b); err != nil {
			return nil, nil, err
		}
		if key[0] != '"' {
			key = stringJSON(nil, key)
		}
		out = append(append(out, key...), ':')
		if out, b, err = appendJSON(out, b); err != nil {
			return nil, nil, err
		}
	}
	return append(out, '}'), b, nil
}

// stringJSON appends a string. One that is not UTF-8 keeps its bytes.
func stringJSON(out, s []byte) []byte {
	if !utf8.Valid(s) {
		return bytesJSON(out, s)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(string(s)); err != nil {
		panic(err) // no string fails to encode
	}
	return append(out, bytes.TrimSpace(b.Bytes())...)
}

func bytesJSON(out, b []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(out, `{"$bytes":"`...), b), `"}`...)
}

// floatJSON keeps a float one: with a point, where it has no fraction.
func floatJSON(out []byte, v float64, bits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Appendf(out, `"%v"`, v)
	}
	text := strconv.AppendFloat(nil, v, 'g', -1, bits)
	if !bytes.ContainsAny(text, ".e") {
		text = append(text, ".0"...)
	}
	return append(out, text...)
}

// extJSON appends an extension of so many bytes behind its type.
func extJSON(out, b []byte, size int) (_, rest []byte, err error) {
	typ, data, rest := int8(b[0]), b[1:1+size], b[1+size:]
	if at, ok := timeOf(typ, data); ok {
		return fmt.Appendf(out, `"%s"`, at.UTC().Format(time.RFC3339Nano)), rest, nil
	}
	out = fmt.Appendf(out, `{"$ext":%d,"$bytes":"`, typ)
	return append(base64.StdEncoding.AppendEncode(out, data), `"}`...), rest, nil
}

// timeOf reads the three forms of a time, extension -1.
func timeOf(typ int8, b []byte) (time.Time, bool) {
	switch {
	case typ != -1:
	case len(b) == 4:
		return time.Unix(int64(binary.BigEndian.Uint32(b)), 0), true
	case len(b) == 8:
		n := binary.BigEndian.Uint64(b)
		return time.Unix(int64(n&(1<<34-1)), int64(n>>34)), true
	case len(b) == 12:
		return time.Unix(int64(binary.BigEndian.Uint64(b[4:])), int64(binary.BigEndian.Uint32(b))), true
	}
	return time.Time{}, false
}
