package wire

import "strings"

// ReadString reads a string or binary data, as a part of s.
func ReadString(s string, v *string) (string, error) {
	if s != "" && s[0]&0xe0 == fixStr {
		if n := int(s[0]&0x1f) + 1; n <= len(s) {
			*v = s[1:n]
			return s[n:], nil
		}
	}
	if len(s) > 1 && s[0] == str8 { // ids are this long
		if n := int(s[1]) + 2; n <= len(s) {
			*v = s[2:n]
			return s[n:], nil
		}
	}
	text, s, err := readText(s, "a string")
	*v = text
	return s, err
}

// ReadOwnString reads a string or binary data into memory of its own.
func ReadOwnString(s string, v *string) (string, error) {
	s, err := ReadString(s, v)
	*v = strings.Clone(*v)
	return s, err
}

// readText reads a string or binary data of any length; nil is "".
func readText(s, due string) (text, rest string, err error) {
	n := 0
	switch c := peekCode(s); {
	case c == codeNil:
		return "", s[1:], nil
	case c&0xe0 == fixStr:
		n, s = int(c&0x1f), s[1:]
	case c >= str8 && c <= str32:
		n, s, err = readLength(s, 1<<(c-str8))
	case c >= bin8 && c <= bin32:
		n, s, err = readLength(s, 1<<(c-bin8))
	default:
		s, err = failType(s, due)
	}
	if err == nil && n > len(s) {
		s, err = failShort(n - len(s))
	}
	if err != nil {
		return "", s, err
	}
	return s[:n], s[n:], nil
}

// ReadBytes reads binary data or a string into memory of its own; nil stays nil.
func ReadBytes(s string, v *[]byte) (string, error) {
	if IsNil(s) {
		*v = nil
		return s[1:], nil
	}
	data, s, err := readText(s, "binary data")
	if err == nil {
		*v = make([]byte, len(data))
		copy(*v, data)
	}
	return s, err
}

// ReadByteArray reads binary data or a string of exactly len(into) bytes. Nil leaves it as
// it is.
func ReadByteArray(s string, into []byte) (string, error) {
	if IsNil(s) {
		return s[1:], nil
	}
	data, s, err := readText(s, "binary data")
	if err == nil && len(data) != len(into) {
		return failRead("%d bytes where %d are due", len(data), len(into))
	}
	copy(into, data)
	return s, err
}
