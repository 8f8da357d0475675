package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Skip reads a value of any type and drops it. It is an error when values nest deeper than MaxDepth, or a length
// exceeds the input, so that a skipped value can be read without a guard.
func Skip(s string) (string, error) { return skipValue(s, 0) }

func skipValue(s string, depth int) (rest string, err error) {
	c, n := peekCode(s), 0
	switch {
	case c < fixMap || c >= negFix || c == codeNil || c == codeNo || c == codeYes:
		return s[1:], nil
	case c&0xf0 == fixArray || c == array16 || c == array32:
		n, rest, err = ReadArrayLen(s)
		return skipElems(rest, n, depth, err)
	case c&0xf0 == fixMap || c == map16 || c == map32:
		n, rest, err = ReadMapLen(s)
		return skipEntries(rest, n, depth, err)
	case c&0xe0 == fixStr || c >= str8 && c <= str32 || c >= bin8 && c <= bin32:
		_, rest, err = readText(s, "")
		return rest, err
	case c == code32f || c == code64f:
		return skipBytes(s, 4<<(c-code32f))
	case c >= uint8c && c <= int64c:
		_, _, rest, err = readInteger(s, "")
		return rest, err
	case c >= ext8 && c <= ext32 || c >= fixExt1 && c <= fixExt16:
		_, _, rest, err = readExtension(s)
		return rest, err
	}
	return failType(s, "a value")
}

func skipElems(s string, n, depth int, err error) (string, error) {
	if depth >= MaxDepth && err == nil {
		return "", TooDeep()
	}
	for i := 0; i < n && err == nil; i++ {
		if s, err = skipValue(s, depth+1); err != nil {
			err = prefixShallowPath(err, "["+strconv.Itoa(i)+"]")
		}
	}
	return s, err
}

func skipEntries(s string, n, depth int, err error) (string, error) {
	if depth >= MaxDepth && err == nil {
		return "", TooDeep()
	}
	for i := 0; i < n && err == nil; i++ {
		key := s
		if s, err = skipValue(s, depth+1); err != nil {
			return s, err
		}
		if s, err = skipValue(s, depth+1); err != nil {
			err = prefixShallowPath(err, entryStep(key))
		}
	}
	return s, err
}

// entryStep is the step to the value of a map that follows a key: "qty" for what may be the
// name of a field.
func entryStep(s string) string {
	name, _, err := readText(s, "")
	switch {
	case err != nil:
		return "[…]"
	case name == "" || strings.ContainsFunc(name, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }):
		return keyStep(name)
	}
	return name
}

// TooDeep is the error for a value that nests deeper than MaxDepth.
func TooDeep() error { return &Error{Problem: tooDeep} }

var tooDeep = fmt.Sprintf("values nest deeper than %d", MaxDepth)

// prefixShallowPath is prefixPath, except for a value that nests too deep: the path to its bottom would not help
// the reader.
func prefixShallowPath(err error, step string) error {
	if e, ok := err.(*Error); ok && e.Problem == tooDeep {
		return err
	}
	return prefixPath(err, step)
}

// skipBytes drops a code and n bytes.
func skipBytes(s string, n int) (string, error) {
	if n >= len(s) {
		return failShort(n + 1 - len(s))
	}
	return s[1+n:], nil
}

// readExtension reads an extension: its data and its type.
func readExtension(s string) (data string, typ byte, rest string, err error) {
	n, c := 0, s[0]
	if c >= fixExt1 {
		n, rest = 1<<(c-fixExt1), s[1:]
	} else {
		n, rest, err = readLength(s, 1<<(c-ext8))
	}
	if err == nil && n >= len(rest) {
		rest, err = failShort(n + 1 - len(rest))
	}
	if err != nil {
		return "", 0, rest, err
	}
	return rest[1 : 1+n], rest[0], rest[1+n:], nil
}
