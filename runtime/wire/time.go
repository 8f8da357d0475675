package wire

import (
	"encoding/binary"
	"time"
)

// The extension types of a time: the one of the specification, and the one that Node
// clients have been seen to write.
const (
	extTime     = 0xff
	extTimeNode = 13
)

// AppendTime appends a time as extension -1 in its shortest form: four bytes without
// nanoseconds, eight until the year 2514, else twelve. Its zone is lost.
func AppendTime(b []byte, t time.Time) []byte {
	secs := uint64(t.Unix())
	nanos := uint64(t.Nanosecond())
	if secs>>34 != 0 {
		b = append(b, ext8, 12, extTime)
		b = binary.BigEndian.AppendUint32(b, uint32(nanos))
		return binary.BigEndian.AppendUint64(b, secs)
	}
	data := nanos<<34 | secs
	if data>>32 == 0 {
		return binary.BigEndian.AppendUint32(append(b, fixExt4, extTime), uint32(data))
	}
	return binary.BigEndian.AppendUint64(append(b, fixExt8, extTime), data)
}

// Time reads a time: extension -1 (or 13, as Node clients write it), the older form of
// seconds and nanoseconds in an array, or an RFC 3339 string. It is in the local zone,
// the zero time in UTC, as the reference has it.
func (r *Reader) Time() time.Time {
	switch c := r.peek(); {
	case c == fixExt4 || c == fixExt8 || c == ext8:
		return r.extTime()
	case c == fixArray|2:
		r.pos++
		secs, nanos := r.Int64(), r.Int64()
		return r.unix(secs, nanos)
	case isStr(c) || c >= bin8 && c <= bin32:
		return r.textTime()
	case r.Nil():
		return time.Time{}
	default:
		r.failType("a time")
		return time.Time{}
	}
}

func (r *Reader) extTime() time.Time {
	data, typ := r.ext()
	if typ != extTime && typ != extTimeNode {
		r.fail("extension %d is not a time", int8(typ))
		return time.Time{}
	}
	switch len(data) {
	case 4:
		return r.unix(int64(binary.BigEndian.Uint32(data)), 0)
	case 8:
		v := binary.BigEndian.Uint64(data)
		return r.unix(int64(v&(1<<34-1)), int64(v>>34))
	case 12:
		nanos := binary.BigEndian.Uint32(data)
		return r.unix(int64(binary.BigEndian.Uint64(data[4:])), int64(nanos))
	}
	r.fail("a time of %d bytes", len(data))
	return time.Time{}
}

func (r *Reader) unix(secs, nanos int64) time.Time {
	if r.err != nil {
		return time.Time{}
	}
	t := time.Unix(secs, nanos)
	if t.IsZero() {
		return t.UTC()
	}
	return t
}

func (r *Reader) textTime() time.Time {
	s := r.raw()
	if r.err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, string(s))
	if err != nil {
		r.fail("a text that is not an RFC 3339 time")
	}
	return t
}
