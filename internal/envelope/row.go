package envelope

import (
	"fmt"
	"math"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// rowLayout is the version of the envelopes of SQL engines, which leads each of them.
const rowLayout = 1

// rowSize is how many elements an envelope has at least: layout, id, correlation, causation, version, time, hops, headers.
// Two more are the hops in reserve and for how long the event is unique, as far as there are any. Readers ignore more of them.
const rowSize = 8

// AppendRow appends what a message has beside its name, its key and its payload, which are columns of their own in a table, as a
// msgpack array.
func AppendRow(b []byte, m *contract.Message) []byte {
	n := rowSize
	switch {
	case m.Unique != 0:
		n += 2
	case m.Reserve != 0:
		n++
	}
	b = wire.AppendArrayLen(b, n)
	b = wire.AppendInt(b, rowLayout)
	b = wire.AppendBytes(b, m.ID[:])
	b = AppendID(b, m.Correlation, m.ID)
	b = AppendID(b, m.Causation, contract.ID{})
	b = wire.AppendInt(b, m.Type.Version)
	b = wire.AppendInt64(b, m.Nanos)
	b = wire.AppendInt(b, int(m.Hops))
	b = AppendHeaders(b, m.Headers)
	if n > rowSize {
		b = wire.AppendInt(b, int(m.Reserve))
	}
	if n > rowSize+1 {
		b = wire.AppendInt64(b, int64(m.Unique))
	}
	return b
}

// ReadRow reads such an envelope into a message, and returns the version of its type. Every number has a range.
func ReadRow(s string, m *contract.Message) (version int, err error) {
	size, s, err := wire.ReadArrayLen(s)
	if err != nil {
		return 0, err
	}
	if size < rowSize {
		return 0, fmt.Errorf("an envelope of %d elements, want %d", size, rowSize)
	}
	f := Fields{Rest: s}
	if v := f.Number("layout", math.MaxInt64); f.Err == nil && v > rowLayout {
		return 0, fmt.Errorf("layout %d: written by a newer program: update this one", v)
	}
	f.ReadID(&m.ID)
	m.Correlation = m.ID
	f.ReadID(&m.Correlation)
	f.ReadID(&m.Causation)
	version = int(f.Number("version", math.MaxInt32))
	m.Nanos = f.Number("time", math.MaxInt64)
	m.Hops = f.Count("hops")
	m.Headers = f.Headers()
	if size > rowSize {
		m.Reserve = f.Count("hops in reserve")
	}
	if size > rowSize+1 {
		m.Unique = time.Duration(f.Number("time of being unique", int64(contract.MaxUnique)))
	}
	return version, f.Err
}
