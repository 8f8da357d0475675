package redisstream

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unsafe"

	"github.com/necrostack/necrogen/internal/envelope"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// layout is the version of stored messages. It leads every message.
const layout = 1

// maxPack is the most messages that share an entry.
const maxPack = 64

// maxBytes is how many bytes of messages one call has at most, unless one message has more.
const maxBytes = 1 << 20

// unreadable is the type of what could not be read as a message. Its payload has the bytes as they were stored.
var unreadable = &contract.EventType{}

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
	reserveSize  = 1  // hops in reserve
)

// appendMessage appends a message as it is stored: a msgpack array. Its payload must be there.
func appendMessage(b []byte, m *contract.Message, p progress) []byte {
	n := envelopeSize
	switch {
	case m.Reserve != 0:
		n += progressSize + reserveSize
	case p != (progress{}):
		n += progressSize
	}
	b = wire.AppendArrayLen(b, n)
	b = wire.AppendInt(b, layout)
	b = wire.AppendBytes(b, m.ID[:])
	b = envelope.AppendID(b, m.Correlation, m.ID)
	b = envelope.AppendID(b, m.Causation, contract.ID{})
	b = wire.AppendString(b, m.Type.Name)
	b = wire.AppendInt(b, m.Type.Version)
	b = wire.AppendInt64(b, m.Nanos)
	b = wire.AppendInt(b, int(m.Hops))
	b = wire.AppendString(b, m.Key)
	b = envelope.AppendHeaders(b, m.Headers)
	b = wire.AppendBytesLen(b, len(m.Payload))
	b = append(b, m.Payload...)
	if n > envelopeSize {
		b = wire.AppendInt(b, int(p.attempts))
		b = wire.AppendInt(b, int(p.declines))
		b = wire.AppendInt64(b, p.declined)
	}
	if m.Reserve != 0 {
		b = wire.AppendInt(b, int(m.Reserve))
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
	f := envelope.Fields{Rest: s}
	if version := f.Number("layout", math.MaxInt64); f.Err == nil && version > layout {
		return s, fmt.Errorf("layout %d: %w", version, errLayout)
	}
	f.ReadID(&d.ID)
	d.Correlation = d.ID
	f.ReadID(&d.Correlation)
	f.ReadID(&d.Causation)
	name, version := f.Text(), f.Number("version", math.MaxInt32)
	d.Nanos = f.Number("time", math.MaxInt64)
	d.Hops = f.Count("hops")
	d.Key = f.Text()
	d.Headers = f.Headers()
	d.Payload = bytesOf(f.Text())
	known := envelopeSize
	if size >= envelopeSize+progressSize {
		d.Attempts, d.Declines, d.Declined = f.Count("attempts"), f.Count("declines"), f.Number("time of the first decline", math.MaxInt64)
		known += progressSize
	}
	if size >= envelopeSize+progressSize+reserveSize {
		d.Reserve = f.Count("hops in reserve")
		known += reserveSize
	}
	for range size - known {
		f.Skip()
	}
	if f.Err != nil {
		return f.Rest, f.Err
	}
	d.Type = ts.findType(name, int(version))
	return f.Rest, nil
}

// bytesOf views a string's bytes, which are never changed: a payload is only read.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// timeLeft is how long an event is still to wait that is due at a time in nanoseconds since 1970. The server's clock counts
// from then on: the clocks of processes may differ.
func timeLeft(due int64) time.Duration { return time.Until(time.Unix(0, due)) }
