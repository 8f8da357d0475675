package wire

import (
	"strconv"
	"strings"
)

// Error is why an input can't be read. It never holds the input's values.
type Error struct {
	// Path leads to the field by its wire names: "legs[2].qty". It is empty when the
	// event as a whole is wrong.
	Path string
	// Offset is the position in the input at which reading stopped, in bytes.
	Offset int
	// Problem says what is wrong.
	Problem string
}

// Error returns "legs[2].qty: a string where an integer is due, at byte 17".
func (e *Error) Error() string {
	at := ", at byte " + strconv.Itoa(e.Offset)
	if e.Path == "" {
		return e.Problem + at
	}
	return e.Path + ": " + e.Problem + at
}

// maxKey bounds what of a map's key is shown in a path.
const maxKey = 40

// Key returns the step of a path that leads to a map's value: "[blue]". A key that is
// long or unprintable is quoted and cut.
func Key(key string) string {
	if len(key) > maxKey {
		key = key[:maxKey] + "…"
	}
	if strings.ContainsFunc(key, unprintable) {
		return "[" + strconv.Quote(key) + "]"
	}
	return "[" + key + "]"
}

func unprintable(c rune) bool { return c == ']' || c == '[' || c == '"' || !strconv.IsPrint(c) }

// Index returns the step of a path that leads to an element: "[2]".
func Index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// Join puts a step in front of a path: "legs" and "[2].qty", "leg" and "qty".
func Join(step, path string) string {
	if path == "" || path[0] == '[' {
		return step + path
	}
	return step + "." + path
}
