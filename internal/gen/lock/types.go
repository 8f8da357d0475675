package lock

import (
	"strconv"
	"strings"
)

// split takes a type apart: "[]", "[3]", "map[string]" or "*" in front of another one.
func split(t string) (head, key, elem string) {
	switch {
	case strings.HasPrefix(t, "*"):
		return "*", "", t[1:]
	case strings.HasPrefix(t, "map["):
		rest := t[len("map["):]
		if end := closing(rest); end >= 0 {
			return "map", rest[:end], rest[end+1:]
		}
	case strings.HasPrefix(t, "["):
		if end := strings.IndexByte(t, ']'); end >= 0 {
			return t[:end+1], "", t[end+1:]
		}
	}
	return "", "", t
}

// closing finds the bracket that closes one that stands before s. The key of a map may be an
// array. Without one it is -1.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// pointed leaves pointers out: nil is read as zero, and zero as a pointer to it.
func pointed(t string) string { return strings.TrimLeft(t, "*") }

// widens says that every value of one basic type is read as itself into another.
func widens(from, to string) bool {
	switch {
	case from == to, textual(from) && textual(to), from == "float32" && to == "float64":
		return true
	}
	fromSigned, fromBits := integer(from)
	toSigned, toBits := integer(to)
	switch {
	case fromBits == 0 || toBits == 0:
		return false
	case fromSigned == toSigned:
		return fromBits <= toBits
	}
	return toSigned && fromBits < toBits
}

// textual says that one is taken for the other in reading.
func textual(t string) bool { return t == "string" || t == "bytes" }

// integer returns the size of an integer type; 0 bits for another one.
func integer(t string) (signed bool, bits int) {
	digits, unsigned := strings.CutPrefix(t, "u")
	digits, ok := strings.CutPrefix(digits, "int")
	switch {
	case t == "duration":
		return true, 64
	case !ok:
		return false, 0
	case digits == "":
		return !unsigned, 64
	}
	bits, err := strconv.Atoi(digits)
	if err != nil {
		return false, 0
	}
	return !unsigned, bits
}
