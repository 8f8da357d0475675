// Package message holds the form in which messages are stored: a msgpack array of an envelope, a payload, and what has
// changed since it was published.
//
// An entry of a stream has a pack, which is an array of up to [MaxPack] messages. Bytes that another program may have
// written are read by [Read] alone, which takes any bytes and returns an error where they are no message. What it
// returns points into them. The bounds of what one call carries are here as well, because every call carries messages.
//
// Begin with Append and Read; clip.go bounds the texts of dead letters.
package message

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

// Layout is the version of stored messages. It leads every message.
const Layout = 1

// MaxPack is the most messages that share an entry.
const MaxPack = 64

// MaxBytes is how many bytes of messages one call has at most, unless one message has more.
const MaxBytes = 1 << 20

// Unreadable is the type of what could not be read as a message. Its payload has the bytes as they were stored.
var Unreadable = &contract.EventType{}

// Progress is what changes about a stored message.
type Progress struct {
	Attempts, Declines int32
	Declined           int64
}

// The elements of a message, in their order. Readers take missing ones for zero and ignore
// more of them.
const (
	envelopeSize = 11 // layout, id, correlation, causation, name, version, nanos, hops, key, headers, payload
	progressSize = 3  // attempts, declines, declined
	reserveSize  = 1  // hops in reserve
	uniqueSize   = 1  // for how long the event is unique at most. lib.lua's uniqueID knows how many elements these are
)

// Append appends a message as it is stored: a msgpack array. Its payload must be there.
func Append(b []byte, m *contract.Message, p Progress) []byte {
	n := envelopeSize
	switch {
	case m.Unique != 0:
		n += progressSize + reserveSize + uniqueSize
	case m.Reserve != 0:
		n += progressSize + reserveSize
	case p != (Progress{}):
		n += progressSize
	}
	b = wire.AppendArrayLen(b, n)
	b = wire.AppendInt(b, Layout)
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
		b = wire.AppendInt(b, int(p.Attempts))
		b = wire.AppendInt(b, int(p.Declines))
		b = wire.AppendInt64(b, p.Declined)
	}
	if n > envelopeSize+progressSize {
		b = wire.AppendInt(b, int(m.Reserve))
	}
	if m.Unique != 0 {
		b = wire.AppendInt64(b, int64(m.Unique))
	}
	return b
}

// typeName is what a stored message says of its type.
type typeName struct {
	name    string
	version int
}

// Types finds the types of stored messages.
type Types map[typeName]*contract.EventType

func (ts Types) AddType(t *contract.EventType) {
	for ; t != nil; t = t.Previous {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			ts[typeName{name, t.Version}] = t
		}
	}
}

func (ts Types) findType(name string, version int) *contract.EventType {
	if t := ts[typeName{name, version}]; t != nil {
		return t
	}
	return &contract.EventType{Name: string([]byte(name)), Version: version}
}

var errLayout = errors.New("written with a newer layout: update this program")

// Read reads a message into a delivery, whose key and payload point into s. It returns the rest of s.
func Read(s string, d *contract.Delivery, ts Types) (string, error) {
	size, s, err := wire.ReadArrayLen(s)
	if err != nil {
		return s, err
	}
	if size < envelopeSize {
		return s, fmt.Errorf("a message of %d elements, want %d", size, envelopeSize)
	}
	f := envelope.Fields{Rest: s}
	if version := f.Number("layout", math.MaxInt64); f.Err == nil && version > Layout {
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
	d.Payload = BytesOf(f.Text())
	known := envelopeSize
	if size >= envelopeSize+progressSize {
		d.Attempts, d.Declines, d.Declined = f.Count("attempts"), f.Count("declines"), f.Number("time of the first decline", math.MaxInt64)
		known += progressSize
	}
	if size >= envelopeSize+progressSize+reserveSize {
		d.Reserve = f.Count("hops in reserve")
		known += reserveSize
	}
	if size >= envelopeSize+progressSize+reserveSize+uniqueSize {
		d.Unique = time.Duration(f.Number("time of being unique", int64(contract.MaxUnique)))
		known += uniqueSize
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

// BytesOf views a string's bytes, which are never changed: a payload is only read.
func BytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// TimeLeft is how long an event is still to wait that is due at a time in nanoseconds since 1970. The server's clock counts
// from then on: the clocks of processes may differ.
func TimeLeft(due int64) time.Duration { return time.Until(time.Unix(0, due)) }
