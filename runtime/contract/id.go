package contract

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// ID is the 128-bit identity of an event or a delivery. The zero ID stands for none.
type ID [16]byte

// IsZero reports whether the id stands for none.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the id in the textual form of a UUID.
func (id ID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText returns the textual form of a UUID.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what ParseID reads.
func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}

// ParseID reads 32 hexadecimal digits, or the textual form of a UUID.
func ParseID(s string) (ID, error) {
	text := s
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		text = s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	}
	var id ID
	if len(text) != 32 {
		return ID{}, fmt.Errorf("parse id: %d characters, need 32 hexadecimal digits or a UUID", len(s))
	}
	if _, err := hex.Decode(id[:], []byte(text)); err != nil {
		return ID{}, fmt.Errorf("parse id: %w", err)
	}
	return id, nil
}

// IDOf returns the id that stands for a text, for instance an idempotency key or the
// primary key of an outbox row: the first half of its SHA-256.
func IDOf(text string) ID {
	sum := sha256.Sum256([]byte(text))
	return ID(sum[:16])
}

// NewID returns a fresh random id, for WithID.
func NewID() (id ID) {
	rand.Read(id[:])
	return id
}

// DeriveID returns the id of what descends from parent: a 128-bit hash of parent, seed and ordinal. It mixes as
// wyhash does and is stable for ever: stored ids depend on it. It is not made to withstand an adversary, because
// an adversary who may publish chooses any id anyway.
func DeriveID(parent, seed ID, ordinal uint64) (id ID) {
	a := binary.BigEndian.Uint64(parent[:8]) ^ binary.BigEndian.Uint64(seed[:8])
	b := binary.BigEndian.Uint64(parent[8:]) ^ binary.BigEndian.Uint64(seed[8:])
	x := foldProduct(a^0xa0761d6478bd642f, b^ordinal^0xe7037ed1a0b428db)
	y := foldProduct(b^0x8ebc6af09c88c6e3, a^bits.RotateLeft64(ordinal, 32)^0x589965cc75374cc3)
	binary.BigEndian.PutUint64(id[:8], foldProduct(x^0x1d8e4e27c47d124f, y^a))
	binary.BigEndian.PutUint64(id[8:], foldProduct(y^0xeb44accab455d165, x^b))
	return id
}

// foldProduct folds the 128-bit product of two words.
func foldProduct(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// DeliveryID returns the id of the delivery of an event to an organ: the same for every
// attempt.
func DeliveryID(event ID, organ string) ID { return DeriveID(event, IDOf(organ), 0) }
