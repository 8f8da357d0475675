package sqlite

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// layout is the version of stored envelopes, which leads each of them.
const layout = 1

// envelopeSize is how many elements an envelope has: layout, id, correlation, causation, version, time, hops, headers.
// Readers ignore more of them.
const envelopeSize = 8

// appendEnvelope appends what a message has beside its name, its key and its payload, as a msgpack array.
func appendEnvelope(b []byte, m *contract.Message) []byte {
	b = wire.AppendArrayLen(b, envelopeSize)
	b = wire.AppendInt(b, layout)
	b = wire.AppendBytes(b, m.ID[:])
	b = appendID(b, m.Correlation, m.ID)
	b = appendID(b, m.Causation, contract.ID{})
	b = wire.AppendInt(b, m.Type.Version)
	b = wire.AppendInt64(b, m.Nanos)
	b = wire.AppendInt(b, int(m.Hops))
	if len(m.Headers) == 0 {
		return wire.AppendNil(b)
	}
	b = wire.AppendMapLen(b, len(m.Headers))
	for _, k := range slices.Sorted(maps.Keys(m.Headers)) {
		b = wire.AppendString(b, k)
		b = wire.AppendString(b, m.Headers[k])
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

// readEnvelope reads an envelope into a message, and returns the version of its type. Every number has a range, because
// anyone may have written the file.
func readEnvelope(s string, m *contract.Message) (version int, err error) {
	size, s, err := wire.ReadArrayLen(s)
	if err != nil {
		return 0, err
	}
	if size < envelopeSize {
		return 0, fmt.Errorf("an envelope of %d elements, want %d", size, envelopeSize)
	}
	f := fields{s: s}
	if v := f.number("layout", math.MaxInt64); f.err == nil && v > layout {
		return 0, fmt.Errorf("layout %d: written by a newer program: update this one", v)
	}
	f.id(&m.ID)
	m.Correlation = m.ID
	f.id(&m.Correlation)
	f.id(&m.Causation)
	version = int(f.number("version", math.MaxInt32))
	m.Nanos = f.number("time", math.MaxInt64)
	m.Hops = int32(f.number("hops", maxCount))
	m.Headers = f.headers()
	return version, f.err
}

// maxCount leaves room to count on.
const maxCount = 1 << 30

// fields reads the elements of an envelope one after the other; after an error, zero values.
type fields struct {
	s   string
	err error
}

// number reads an integer from 0 to most.
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

func (f *fields) text() (v string) {
	if f.err == nil {
		f.s, f.err = wire.ReadString(f.s, &v)
	}
	return v
}

// id leaves the id as it is when nil stands for it.
func (f *fields) id(id *contract.ID) {
	if f.err == nil && wire.IsNil(f.s) {
		f.s, f.err = wire.Skip(f.s)
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
		return nil
	}
	var n int
	if n, f.s, f.err = wire.ReadMapLen(f.s); f.err != nil {
		return nil
	}
	headers := wire.MakeMap[string, string](f.s, n)
	for range n {
		k := f.text()
		headers[k] = f.text()
		if f.err != nil {
			return nil
		}
	}
	return headers
}
