//go:build node

package difftest

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// words writes msgpack in the way that node/roundtrip.mjs does for what it has read. It knows
// nothing of generated code. A number of eight bytes is an integer of its own; all others are
// what JavaScript calls a number.
func words(b []byte) (text string, rest []byte) {
	c, b := b[0], b[1:]
	switch {
	case c < 0x80:
		return number(float64(c)), b
	case c < 0x90:
		return wordsOfMap(int(c&0x0f), b)
	case c < 0xa0:
		return wordsOfArray(int(c&0x0f), b)
	case c < 0xc0:
		return bytesIn("s", int(c&0x1f), b)
	case c >= 0xe0:
		return number(float64(int8(c))), b
	}
	return wordsOfCode(c, b)
}

func wordsOfCode(c byte, b []byte) (text string, rest []byte) {
	switch c {
	case 0xc0:
		return "nil", b
	case 0xc2, 0xc3:
		return fmt.Sprint(c == 0xc3), b
	case 0xc4, 0xc5, 0xc6:
		n, b := size(1<<(c-0xc4), b)
		return bytesIn("b", n, b)
	case 0xc7:
		return wordsOfTime(int(b[0]), b[2:])
	case 0xca:
		return number(float64(math.Float32frombits(binary.BigEndian.Uint32(b)))), b[4:]
	case 0xcb:
		return number(math.Float64frombits(binary.BigEndian.Uint64(b))), b[8:]
	case 0xcc, 0xcd, 0xce:
		n, b := size(1<<(c-0xcc), b)
		return number(float64(n)), b
	case 0xcf:
		return fmt.Sprintf("i%d", binary.BigEndian.Uint64(b)), b[8:]
	case 0xd0:
		return number(float64(int8(b[0]))), b[1:]
	case 0xd1:
		return number(float64(int16(binary.BigEndian.Uint16(b)))), b[2:]
	case 0xd2:
		return number(float64(int32(binary.BigEndian.Uint32(b)))), b[4:]
	case 0xd3:
		return fmt.Sprintf("i%d", int64(binary.BigEndian.Uint64(b))), b[8:]
	case 0xd6, 0xd7:
		return wordsOfTime(4<<(c-0xd6), b[1:])
	case 0xd9, 0xda, 0xdb:
		n, b := size(1<<(c-0xd9), b)
		return bytesIn("s", n, b)
	case 0xdc, 0xdd:
		n, b := size(2<<(c-0xdc), b)
		return wordsOfArray(n, b)
	case 0xde, 0xdf:
		n, b := size(2<<(c-0xde), b)
		return wordsOfMap(n, b)
	}
	panic(fmt.Sprintf("no words for %x", c))
}

// size reads a number of 1, 2 or 4 bytes.
func size(width int, b []byte) (n int, rest []byte) {
	for _, x := range b[:width] {
		n = n<<8 | int(x)
	}
	return n, b[width:]
}

func number(f float64) string {
	if f == 0 {
		f = 0 // JavaScript writes -0 as 0
	}
	return fmt.Sprintf("n%016x", math.Float64bits(f))
}

// noText stands where a string is not UTF-8, which other languages refuse or change.
const noText = "s?"

func bytesIn(kind string, n int, b []byte) (text string, rest []byte) {
	if kind == "s" && !utf8.Valid(b[:n]) {
		return noText, b[n:]
	}
	return fmt.Sprintf("%s%x", kind, b[:n]), b[n:]
}

// wordsOfTime reads a timestamp in one of its three widths.
func wordsOfTime(width int, b []byte) (text string, rest []byte) {
	var sec int64
	var nsec uint32
	switch width {
	case 4:
		sec = int64(binary.BigEndian.Uint32(b))
	case 8:
		x := binary.BigEndian.Uint64(b)
		sec, nsec = int64(x&(1<<34-1)), uint32(x>>34)
	default:
		sec, nsec = int64(binary.BigEndian.Uint64(b[4:])), binary.BigEndian.Uint32(b)
	}
	return fmt.Sprintf("t%d.%d", sec, nsec), b[width:]
}

func wordsOfArray(n int, b []byte) (text string, rest []byte) {
	list := make([]string, n)
	for i := range list {
		list[i], b = words(b)
	}
	return "[" + strings.Join(list, " ") + "]", b
}

func wordsOfMap(n int, b []byte) (text string, rest []byte) {
	list := make([]string, n)
	for i := range list {
		var key, value string
		key, b = words(b)
		value, b = words(b)
		list[i] = key + "=" + value
	}
	slices.Sort(list)
	return "{" + strings.Join(list, " ") + "}", b
}
