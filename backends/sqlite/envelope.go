package sqlite

import (
	"fmt"
	"math"

	"github.com/necrostack/necrogen/internal/envelope"
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
	b = envelope.AppendID(b, m.Correlation, m.ID)
	b = envelope.AppendID(b, m.Causation, contract.ID{})
	b = wire.AppendInt(b, m.Type.Version)
	b = wire.AppendInt64(b, m.Nanos)
	b = wire.AppendInt(b, int(m.Hops))
	return envelope.AppendHeaders(b, m.Headers)
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
	f := envelope.Fields{Rest: s}
	if v := f.Number("layout", math.MaxInt64); f.Err == nil && v > layout {
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
	return version, f.Err
}
