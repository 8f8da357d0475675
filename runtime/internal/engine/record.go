package engine

import (
	"encoding/binary"
	"errors"

	"github.com/necrostack/necrogen/runtime/contract"
)

// recordMark is the first byte of a stored record that has more than a state. No MessagePack value begins with it, so another
// record is the state alone:
//
//	0xc1, 1 for this form, started, count of timers, timers, count of undos, undos, state
//	timer: length of the event's name, name, id
//	undo:  length of the event's name, name, version, length of the event, event
//
// All numbers are unsigned varints.
const (
	recordMark = 0xc1
	recordForm = 1
)

// recordParts are what a record has beside its state.
type recordParts struct {
	started uint64 // timers in its life, as the number of the next one
	timers  []recordTimer
	undos   []keptUndo // in the order in which they were kept
}

// These say that a record cannot be read.
var (
	errRecord     = errors.New("decode the timers and undos of the record: they are cut off")
	errRecordForm = errors.New("the record of its key has a form that this program does not know")
)

// splitRecord returns what a record has beside its state, and the rest of its value, which is the state.
func splitRecord(value []byte) (parts recordParts, state []byte, err error) {
	if len(value) == 0 || value[0] != recordMark {
		return recordParts{}, value, nil
	}
	switch {
	case len(value) == 1:
		return recordParts{}, nil, errRecord
	case value[1] != recordForm:
		return recordParts{}, nil, errRecordForm
	}
	r := recordReader{rest: value[2:]}
	parts.started = r.readNumber()
	for count := r.readNumber(); count > 0 && !r.failed; count-- {
		t := recordTimer{event: string(r.readBytes(r.readNumber()))}
		copy(t.generation[:], r.readBytes(uint64(len(t.generation))))
		parts.timers = append(parts.timers, t)
	}
	for count := r.readNumber(); count > 0 && !r.failed; count-- {
		u := keptUndo{event: string(r.readBytes(r.readNumber())), version: r.readNumber()}
		u.payload = r.readBytes(r.readNumber())
		parts.undos = append(parts.undos, u)
	}
	if r.failed {
		return recordParts{}, nil, errRecord
	}
	return parts, r.rest, nil
}

// recordReader reads the parts of a record. Once it has failed it reads nothing but zeros.
type recordReader struct {
	rest   []byte
	failed bool
}

func (r *recordReader) readNumber() uint64 {
	n, size := binary.Uvarint(r.rest)
	if r.failed = r.failed || size <= 0; r.failed {
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *recordReader) readBytes(n uint64) []byte {
	if r.failed = r.failed || n > uint64(len(r.rest)); r.failed {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// appendTo appends what splitRecord reads; nothing for a record that is its state alone.
func (p *recordParts) appendTo(b []byte) []byte {
	if p.started == 0 && len(p.undos) == 0 {
		return b
	}
	b = binary.AppendUvarint(append(b, recordMark, recordForm), p.started)
	b = binary.AppendUvarint(b, uint64(len(p.timers)))
	for _, t := range p.timers {
		b = append(binary.AppendUvarint(b, uint64(len(t.event))), t.event...)
		b = append(b, t.generation[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(p.undos)))
	for _, u := range p.undos {
		b = append(binary.AppendUvarint(b, uint64(len(u.event))), u.event...)
		b = binary.AppendUvarint(b, u.version)
		b = append(binary.AppendUvarint(b, uint64(len(u.payload))), u.payload...)
	}
	return b
}

// StateIn returns the encoded state in the value of a record, without its timers and undos; nil where it cannot be read.
func StateIn(value []byte) []byte {
	_, state, _ := splitRecord(value)
	return state
}

// recordStep is what one call of a handler with state leaves beside its events: see closeState.
type recordStep struct {
	timers []contract.ID    // ids of the timers that it starts, in the order of Emissions.Timers; zero for one that it stops
	undone []contract.Event // what it emits to take back what the saga has done, in order
}

// reset makes the step that of another call, which has done nothing yet.
func (s *recordStep) reset() {
	clear(s.undone)
	s.timers, s.undone = s.timers[:0], s.undone[:0]
}

// Undo is an undo that a record keeps, encoded.
type Undo struct {
	Name    string
	Version int
	Payload []byte
}

// UndosIn returns the undos in the value of a record; none where it cannot be read.
func UndosIn(value []byte) (undos []Undo) {
	parts, _, _ := splitRecord(value)
	for _, u := range parts.undos {
		undos = append(undos, Undo{u.event, int(u.version), u.payload})
	}
	return undos
}
