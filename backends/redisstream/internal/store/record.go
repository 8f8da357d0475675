package store

import (
	"encoding/binary"
	"fmt"
)

// recordLayout is the first byte of each record of a state. A later layout is for a later release.
const recordLayout = 1

// recordHead is how many bytes a record has in front of its value: layout, mark, expiry, version. See record.lua.
const recordHead = 1 + 8 + 8 + 4

// Record is what an organ with state keeps for a key. The zero value stands for a key without a record.
type Record struct {
	Mark    uint64
	Version uint32
	Value   []byte
	Problem string // why the stored bytes are no record; empty for a record, and for none
}

// appendTo appends the bytes of a record with no expiry, in whose place the server puts its own: none for one that is removed.
func (r *Record) appendTo(b []byte) []byte {
	if r.Mark == 0 {
		return b
	}
	b = append(appendMark(append(b, recordLayout), r.Mark), 0, 0, 0, 0, 0, 0, 0, 0)
	return append(binary.BigEndian.AppendUint32(b, r.Version), r.Value...)
}

// size returns how many bytes appendTo appends.
func (r *Record) size() int {
	if r.Mark == 0 {
		return 0
	}
	return recordHead + len(r.Value)
}

// appendMark appends a mark as scripts compare it: as bytes, because a number of Lua has 53 bits. 0 is no bytes.
func appendMark(b []byte, mark uint64) []byte {
	if mark == 0 {
		return b
	}
	return binary.BigEndian.AppendUint64(b, mark)
}

// readRecord reads a stored record, and copies its value. Anybody may have written the bytes: what is no record has its
// Problem set.
func readRecord(b []byte) Record {
	switch {
	case len(b) < recordHead:
		return Record{Problem: fmt.Sprintf("%d bytes, want %d or more", len(b), recordHead)}
	case b[0] != recordLayout:
		return Record{Problem: fmt.Sprintf("layout %d, want %d: another program wrote it, or a newer release of this one", b[0], recordLayout)}
	}
	r := Record{Mark: binary.BigEndian.Uint64(b[1:]), Version: binary.BigEndian.Uint32(b[recordHead-4:]), Value: append([]byte{}, b[recordHead:]...)}
	if r.Mark == 0 {
		return Record{Problem: "mark 0, which stands for no record"}
	}
	return r
}
