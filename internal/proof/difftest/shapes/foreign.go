package shapes

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"net/url"

	"github.com/vmihailenco/msgpack/v5"
)

// Types that encode themselves, by each family of methods, on the value and on the pointer.
type (
	// UUID is like github.com/google/uuid.UUID: binary data comes before text.
	UUID [16]byte
	// Color is written as text, by a method of the value.
	Color int
	// Tags are a map that is written as text.
	Tags map[string]bool
	// Money is written as binary data, by a method of the pointer.
	Money struct{ Units, Nanos int32 }
	// Point is written by EncodeMsgpack.
	Point struct{ X, Y int }
	// Range is written by MarshalMsgpack, by methods of the pointer.
	Range struct{ From, To uint8 }
	// Level is a byte with a method; slices of it are binary data nevertheless.
	Level uint8
	// Twofold has text on the value, and binary data on the pointer.
	Twofold struct{ N uint16 }
	// Zeroed says itself when it is empty.
	Zeroed struct{ Text string }
)

func (u UUID) MarshalText() ([]byte, error)   { return []byte(hex.EncodeToString(u[:])), nil }
func (u UUID) MarshalBinary() ([]byte, error) { return u[:], nil }

// UnmarshalText is never asked: there is UnmarshalBinary.
func (u *UUID) UnmarshalText(b []byte) error { return errors.New("not asked") }

// UnmarshalBinary reads 16 bytes.
func (u *UUID) UnmarshalBinary(b []byte) error {
	if len(b) != len(u) {
		return errors.New("a UUID has 16 bytes")
	}
	copy(u[:], b)
	return nil
}

// MarshalText writes a number in hex.
func (c Color) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, binary.BigEndian.AppendUint64(nil, uint64(c))), nil
}

// UnmarshalText reads what MarshalText writes.
func (c *Color) UnmarshalText(b []byte) error {
	data, err := hex.DecodeString(string(b))
	if err != nil || len(data) != 8 {
		return errors.New("a color has 16 digits")
	}
	*c = Color(binary.BigEndian.Uint64(data))
	return nil
}

// MarshalText writes JSON.
func (t Tags) MarshalText() ([]byte, error) { return json.Marshal(map[string]bool(t)) }

// UnmarshalText reads JSON.
func (t *Tags) UnmarshalText(b []byte) error { return json.Unmarshal(b, (*map[string]bool)(t)) }

// MarshalBinary writes eight bytes, and nothing for nothing.
func (m *Money) MarshalBinary() ([]byte, error) {
	if *m == (Money{}) {
		return nil, nil
	}
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(m.Units)), uint32(m.Nanos)), nil
}

// UnmarshalBinary reads what MarshalBinary writes.
func (m *Money) UnmarshalBinary(b []byte) error {
	if len(b) != 8 {
		return errors.New("money has 8 bytes")
	}
	m.Units, m.Nanos = int32(binary.BigEndian.Uint32(b)), int32(binary.BigEndian.Uint32(b[4:]))
	return nil
}

// EncodeMsgpack writes an array.
func (p Point) EncodeMsgpack(e *msgpack.Encoder) error {
	if err := e.EncodeArrayLen(2); err != nil {
		return err
	}
	return e.EncodeMulti(p.X, p.Y)
}

// DecodeMsgpack reads an array.
func (p *Point) DecodeMsgpack(d *msgpack.Decoder) error {
	if n, err := d.DecodeArrayLen(); err != nil || n != 2 {
		return errors.New("a point is an array of two")
	}
	return d.DecodeMulti(&p.X, &p.Y)
}

// MarshalMsgpack writes a string.
func (r *Range) MarshalMsgpack() ([]byte, error) { return []byte{0xa2, r.From, r.To}, nil }

// UnmarshalMsgpack reads a string.
func (r *Range) UnmarshalMsgpack(b []byte) error {
	if len(b) != 3 || b[0] != 0xa2 {
		return errors.New("a range is a string of two bytes")
	}
	r.From, r.To = b[1], b[2]
	return nil
}

// MarshalText writes one letter.
func (l Level) MarshalText() ([]byte, error) { return []byte{byte(l)}, nil }

// UnmarshalText reads one letter.
func (l *Level) UnmarshalText(b []byte) error {
	if len(b) != 1 {
		return errors.New("a level is a letter")
	}
	*l = Level(b[0])
	return nil
}

// MarshalText is what a value is asked for.
func (t Twofold) MarshalText() ([]byte, error) { return t.MarshalBinary2("text") }

// MarshalBinary is what a pointer is asked for.
func (t *Twofold) MarshalBinary() ([]byte, error) { return t.MarshalBinary2("binary") }

// MarshalBinary2 writes a word and the number.
func (t Twofold) MarshalBinary2(word string) ([]byte, error) {
	return binary.BigEndian.AppendUint16([]byte(word), t.N), nil
}

// UnmarshalText reads the number.
func (t *Twofold) UnmarshalText(b []byte) error {
	t.N = binary.BigEndian.Uint16(b[len(b)-2:])
	return nil
}

// UnmarshalBinary reads the number.
func (t *Twofold) UnmarshalBinary(b []byte) error { return t.UnmarshalText(b) }

// IsZero says that there is no text.
func (z Zeroed) IsZero() bool { return z.Text == "" }

// MarshalText writes the text.
func (z Zeroed) MarshalText() ([]byte, error) { return []byte(z.Text), nil }

// UnmarshalText reads the text.
func (z *Zeroed) UnmarshalText(b []byte) error {
	z.Text = string(b)
	return nil
}

// Owned has a field of each.
//
//necro:event OWNED
type Owned struct {
	UUID   UUID
	Color  Color
	Tags   Tags
	Money  Money
	Point  Point
	Range  Range
	Level  Level
	Zeroed Zeroed

	Raw    msgpack.RawMessage
	JSON   json.RawMessage
	Number json.Number
	Big    big.Int
	Addr   netip.Addr
	Port   netip.AddrPort
	Prefix netip.Prefix
	URL    url.URL
}

// OwnedInside has them inside of others.
//
//necro:event OWNED_INSIDE
type OwnedInside struct {
	UUIDP   *UUID
	ColorP  *Color
	MoneyP  *Money
	PointP  *Point
	RangeP  *Range
	BigP    *big.Int
	URLP    *url.URL
	PointPP **Point
	Twofold *Twofold

	UUIDs    []UUID
	Colors   map[string]Color
	AllTags  []Tags
	Moneys   [2]Money
	Points   []*Point
	PointMap map[string]Point
	Ranges   []Range
	Levels   []Level
	Four     [4]Level
	Raws     []msgpack.RawMessage
	URLs     map[string]*url.URL
}

// Errors has errors and values of any type.
//
//necro:event ERRORS
type Errors struct {
	Err    error
	Errs   []error
	ErrMap map[string]error
	ErrP   *error
	Any    any
	Named  Anything
	Anys   []any
	Bag    map[string]any
	Bags   []map[string]any
	AnyP   *any
}

// Anything is any, with a name.
type Anything any

// OwnedOmitted leaves out empty fields.
//
//necro:event OWNED_OMITTED
type OwnedOmitted struct {
	UUID   UUID               `msgpack:",omitempty"`
	Color  Color              `msgpack:",omitempty"`
	Tags   Tags               `msgpack:",omitempty"`
	Money  Money              `msgpack:",omitempty"`
	MoneyP *Money             `msgpack:",omitempty"`
	Zeroed Zeroed             `msgpack:",omitempty"`
	ZeroP  *Zeroed            `msgpack:",omitempty"`
	Raw    msgpack.RawMessage `msgpack:",omitempty"`
	BigP   *big.Int           `msgpack:",omitempty"`
	Any    any                `msgpack:",omitempty"`
	Err    error              `msgpack:",omitempty"`
	Hues   map[Color]int      `msgpack:",omitempty"`
}
