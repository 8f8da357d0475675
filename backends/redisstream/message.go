package redisstream

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"unsafe"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// layout is the version of stored messages. It leads every message.
const layout = 1

// progress is what changes about a stored message.
type progress struct {
	attempts, declines int32
	declined           int64
}

// The elements of a message, in their order. Readers take missing ones for zero and ignore
// more of them.
const (
	envelopeSize = 11 // layout, id, correlation, causation, name, version, nanos, hops, key, headers, payload
	progressSize = 3  // attempts, declines, declined
)

// appendMessage appends a message as it is stored: a msgpack array. Its payload must be there.
func appendMessage(b []byte, m *contract.Message, p progress) []byte {
	n := envelopeSize
	if p != (progress{}) {
		n += progressSize
	}
	b = wire.AppendArrayLen(b, n)
	b = wire.AppendInt(b, layout)
	b = wire.AppendBytes(b, m.ID[:])
	b = appendID(b, m.Correlation, m.ID)
	b = appendID(b, m.Causation, contract.ID{})
	b = wire.AppendString(b, m.Type.Name)
	b = wire.AppendInt(b, m.Type.Version)
	b = wire.AppendInt64(b, m.Nanos)
	b = wire.AppendInt(b, int(m.Hops))
	b = wire.AppendString(b, m.Key)
	b = appendHeaders(b, m.Headers)
	b = wire.AppendBytesLen(b, len(m.Payload))
	b = append(b, m.Payload...)
	if n > envelopeSize {
		b = wire.AppendInt(b, int(p.attempts))
		b = wire.AppendInt(b, int(p.declines))
		b = wire.AppendInt64(b, p.declined)
	}
	return b
}

// appendID leaves out an id that goes without saying.
func appendID(b []byte, id, usual contract.ID) []byte {
	if id == usual {
		return wire.AppendNil(b)
	}
	return wire.AppendBytes(b, id[:])
}

func appendHeaders(b []byte, headers map[string]string) []byte {
	if len(headers) == 0 {
		return wire.AppendNil(b)
	}
	b = wire.AppendMapLen(b, len(headers))
	for _, k := range slices.Sorted(maps.Keys(headers)) {
		b = wire.AppendString(b, k)
		b = wire.AppendString(b, headers[k])
	}
	return b
}

// typeName is what a stored message says of its type.
type typeName struct {
	name    string
	version int
}

// types finds the types of stored messages.
type types map[typeName]*contract.EventType

func (ts types) addType(t *contract.EventType) {
	for ; t != nil; t = t.Previous {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			ts[typeName{name, t.Version}] = t
		}
	}
}

func (ts types) findType(name string, version int) *contract.EventType {
	if t := ts[typeName{name, version}]; t != nil {
		return t
	}
	return &contract.EventType{Name: string([]byte(name)), Version: version}
}

var errLayout = errors.New("written with a newer layout: update this program")

// readMessage reads a message into a delivery, whose key and payload point into s. It returns the rest of s.
func readMessage(s string, d *contract.Delivery, ts types) (string, error) {
	size, s, err := wire.ReadArrayLen(s)
	if err != nil {
		return s, err
	}
	if size < envelopeSize {
		return s, fmt.Errorf("a message of %d elements, want %d", size, envelopeSize)
	}
	f := fields{s: s}
	if version := f.number("layout", math.MaxInt64); f.err == nil && version > layout {
		return s, fmt.Errorf("layout %d: %w", version, errLayout)
	}
	f.id(&d.ID)
	d.Correlation = d.ID
	f.id(&d.Correlation)
	f.id(&d.Causation)
	name, version := f.text(), f.number("version", math.MaxInt32)
	d.Nanos = f.number("time", math.MaxInt64)
	d.Hops = f.count("hops")
	d.Key = f.text()
	d.Headers = f.headers()
	d.Payload = bytesOf(f.text())
	known := envelopeSize
	if size >= envelopeSize+progressSize {
		d.Attempts, d.Declines, d.Declined = f.count("attempts"), f.count("declines"), f.number("time of the first decline", math.MaxInt64)
		known += progressSize
	}
	for range size - known {
		f.skip()
	}
	if f.err != nil {
		return f.s, f.err
	}
	d.Type = ts.findType(name, int(version))
	return f.s, nil
}

// bytesOf views a string's bytes, which are never changed: a payload is only read.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// fields reads the elements of a message one after the other; after an error, zero values.
type fields struct {
	s   string
	err error
}

// number reads an integer from 0 to most: nothing that is stored may be less, and what computes
// with it relies on that.
func (f *fields) number(what string, most int64) (v int64) {
	if f.err == nil {
		f.s, f.err = wire.ReadInt64(f.s, &v)
	}
	if f.err == nil && (v < 0 || v > most) {
		f.err = fmt.Errorf("%s %d, want 0 to %d", what, v, most)
	}
	if f.err != nil {
		return 0
	}
	return v
}

// maxCount leaves room to count on.
const maxCount = 1 << 30

func (f *fields) count(what string) int32 { return int32(f.number(what, maxCount)) }

// text views a string or bytes. The nil that stands for no string is an empty one.
func (f *fields) text() (v string) {
	if f.err == nil {
		f.s, f.err = wire.ReadString(f.s, &v)
	}
	return v
}

// id leaves the id as it is when nil stands for it.
func (f *fields) id(id *contract.ID) {
	if f.err == nil && wire.IsNil(f.s) {
		f.skip()
		return
	}
	v := f.text()
	if f.err == nil && len(v) != len(id) {
		f.err = fmt.Errorf("an id of %d bytes", len(v))
	}
	copy(id[:], v)
}

func (f *fields) headers() map[string]string {
	if f.err != nil || wire.IsNil(f.s) {
		f.skip()
		return nil
	}
	var n int
	if n, f.s, f.err = wire.ReadMapLen(f.s); f.err != nil {
		return nil
	}
	headers := wire.MakeMap[string, string](f.s, n)
	for range n {
		k := f.text()
		headers[string([]byte(k))] = string([]byte(f.text()))
		if f.err != nil {
			return nil
		}
	}
	return headers
}

func (f *fields) skip() {
	if f.err == nil {
		f.s, f.err = wire.Skip(f.s)
	}
}
