package msgpackjson

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendText appends a string; where secrets are masked, as one of UTF-8.
func (e encoder) appendText(out, s []byte) []byte {
	if e.secrets != nil {
		s = bytes.ToValidUTF8([]byte(e.secrets.Text(string(s))), []byte("\uFFFD"))
	}
	return stringJSON(out, s)
}

// stringJSON appends a string. One that is not UTF-8 keeps its bytes.
func stringJSON(out, s []byte) []byte {
	if !utf8.Valid(s) {
		return Bytes(out, s)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(string(s)); err != nil {
		panic(err) // no string fails to encode
	}
	return append(out, bytes.TrimSpace(b.Bytes())...)
}

// Bytes appends what bytes that are no text become.
func Bytes(out, b []byte) []byte {
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
