package lock

import (
	"strconv"
	"strings"
)

// splitType takes a type apart: "[]", "[3]", "map[string]" or "*" in front of another one.
func splitType(t string) (head, key, elem string) {
	switch {
	case strings.HasPrefix(t, "*"):
		return "*", "", t[1:]
	case strings.HasPrefix(t, "map["):
		rest := t[len("map["):]
		if end := closingBracket(rest); end >= 0 {
			return "map", rest[:end], rest[end+1:]
		}
	case strings.HasPrefix(t, "["):
		if end := strings.IndexByte(t, ']'); end >= 0 {
			return t[:end+1], "", t[end+1:]
		}
	}
	return "", "", t
}

// closingBracket finds the bracket that closes one that stands before s. The key of a map may be an
// array. Without one it is -1.
func closingBracket(s string) int {
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

// withoutPointers leaves pointers out: nil is read as zero, and zero as a pointer to it.
func withoutPointers(t string) string { return strings.TrimLeft(t, "*") }

// widensBasic says that every value of one basic type is read as itself into another.
func widensBasic(from, to string) bool {
	switch {
	case from == to, isTextual(from) && isTextual(to), from == "float32" && to == "float64":
		return true
	}
	fromSigned, fromBits := integerSize(from)
	toSigned, toBits := integerSize(to)
	switch {
	case fromBits == 0 || toBits == 0:
		return false
	case fromSigned == toSigned:
		return fromBits <= toBits
	}
	return toSigned && fromBits < toBits
}

// isTextual says that one is taken for the other in reading.
func isTextual(t string) bool { return t == "string" || t == "bytes" }

// integerSize returns the size of an integer type; 0 bits for another one.
func integerSize(t string) (signed bool, bits int) {
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
