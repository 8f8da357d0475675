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

// ReadTime reads a time: extension -1 (or 13, as Node clients write it), the older form of
// seconds and nanoseconds in an array, or an RFC 3339 string. It is in the local zone,
// the zero time in UTC, as the reference has it.
func ReadTime(s string, v *time.Time) (string, error) {
	switch c := peekCode(s); {
	case c == fixExt4 || c == fixExt8 || c == ext8:
		return extensionTime(s, v)
	case c == codeNil:
		*v = time.Time{}
		return s[1:], nil
	case c == fixArray|2:
		return pairTime(s[1:], v)
	case c&0xe0 == fixStr || c >= str8 && c <= str32 || c >= bin8 && c <= bin32:
		return textTime(s, v)
	}
	return failType(s, "a time")
}

func extensionTime(s string, v *time.Time) (string, error) {
	data, typ, s, err := readExtension(s)
	if err != nil {
		return s, err
	}
	if typ != extTime && typ != extTimeNode {
		return failRead("extension %d is not a time", int8(typ))
	}
	switch len(data) {
	case 4:
		*v = timeFromUnix(int64(readBigEndian(data, 4)), 0)
	case 8:
		n := readBigEndian64(data)
		*v = timeFromUnix(int64(n&(1<<34-1)), int64(n>>34))
	case 12:
		*v = timeFromUnix(int64(readBigEndian64(data[4:])), int64(readBigEndian(data, 4)))
	default:
		return failRead("a time of %d bytes", len(data))
	}
	return s, nil
}

func timeFromUnix(secs, nanos int64) time.Time {
	t := time.Unix(secs, nanos)
	if t.IsZero() {
		return t.UTC()
	}
	return t
}

func pairTime(s string, v *time.Time) (string, error) {
	var secs, nanos int64
	s, err := ReadInt64(s, &secs)
	if err == nil {
		s, err = ReadInt64(s, &nanos)
	}
	if err == nil {
		*v = timeFromUnix(secs, nanos)
	}
	return s, err
}

func textTime(s string, v *time.Time) (string, error) {
	text, s, err := readText(s, "a time")
	if err != nil {
		return s, err
	}
	if *v, err = time.Parse(time.RFC3339Nano, text); err != nil {
		return failRead("a text that is not an RFC 3339 time")
	}
	return s, nil
}
