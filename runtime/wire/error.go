package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is why an input can't be read, or a value can't be written. It holds none of the
// values, but for keys of maps in its path and what a type's own method says in Err.
type Error struct {
	// Path leads to the field by its wire names: "legs[2].qty". It is empty when the
	// event as a whole is wrong; of a long one the end is cut off.
	Path string
	// Problem is the fault, without the path to it.
	Problem string
	// Err is what a method of the value's own type returned, such as UnmarshalText; else nil.
	Err error
}

// Error returns "legs[2].qty: a string where an integer is due".
func (e *Error) Error() string {
	text := e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func failRead(format string, args ...any) (string, error) {
	return "", &Error{Problem: fmt.Sprintf(format, args...)}
}

// failType fails for a value of another type than the one that is due.
func failType(s, due string) (string, error) {
	if s == "" {
		return failRead("the input ends where %s is due", due)
	}
	return failRead("%s where %s is due", describeCode(s[0]), due)
}

func failShort(missing int) (string, error) {
	if missing == 1 {
		return failRead("the input ends 1 byte early")
	}
	return failRead("the input ends %d bytes early", missing)
}

// describeCode names the type that a code begins.
func describeCode(c byte) string {
	switch {
	case c < fixMap || c >= negFix || c >= uint8c && c <= int64c:
		return "an integer"
	case c < fixArray || c == map16 || c == map32:
		return "a map"
	case c < fixStr || c == array16 || c == array32:
		return "an array"
	case c&0xe0 == fixStr || c >= str8 && c <= str32:
		return "a string"
	case c == codeNil:
		return "nil"
	case c == codeNo || c == codeYes:
		return "a bool"
	case c >= bin8 && c <= bin32:
		return "binary data"
	case c == code32f || c == code64f:
		return "a float"
	case c == 0xc1:
		return "the unused code c1"
	}
	return "an extension"
}

// At puts "[2]" in front of an error's path.
func At(err error, i int) error { return prefixPath(err, "["+strconv.Itoa(i)+"]") }

// Under puts the name of a field in front of an error's path. It stays a call: structs have one for
// each field that may fail.
//
//go:noinline
func Under(err error, field string) error { return prefixPath(err, field) }

// In puts the key of a map in front of an error's path: "[blue]".
func In[K any](err error, key K) error { return prefixPath(err, keyStep(fmt.Sprint(key))) }

// maxPath bounds a path: that of a value inside of itself has no end.
const maxPath = 200

// prefixPath puts a step in front of an error's path: "legs" and "[2].qty", "leg" and "qty".
func prefixPath(err error, step string) error {
	e, ok := err.(*Error)
	switch {
	case !ok:
		return err
	case e.Path == "" || e.Path[0] == '[':
		e.Path = step + e.Path
	default:
		e.Path = step + "." + e.Path
	}
	if len(e.Path) > maxPath {
		e.Path = strings.ToValidUTF8(e.Path[:maxPath], "") + "…"
	}
	return e
}

// maxKey bounds what of a map's key is shown in a path.
const maxKey = 40

// keyStep returns the step of a path that leads to a map's value: "[blue]". A key that is
// long or unprintable is quoted and cut.
func keyStep(key string) string {
	if len(key) > maxKey {
		key = key[:maxKey] + "…"
	}
	if strings.ContainsFunc(key, isUnprintable) {
		key = strconv.Quote(key)
	}
	return "[" + key + "]"
}

func isUnprintable(c rune) bool { return c == ']' || c == '[' || c == '"' || !strconv.IsPrint(c) }
