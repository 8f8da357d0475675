package operate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Stored texts come from anywhere. Printed as they are, they could break a table, give commands to the terminal,
// or let a text run backwards. Characters that are not printable are therefore shown as Go writes them, as in
// \x1b.

// OneLine escapes whatever is not printed.
func OneLine(s string) string { return escapeControls(s, "") }

// EscapeLines is OneLine for texts of several lines, whose line breaks stay.
func EscapeLines(s string) string { return escapeControls(s, "\n\t") }

func escapeControls(s, keep string) string {
	plain := func(c rune, size int) bool {
		return (c != utf8.RuneError || size > 1) && unicode.IsPrint(c) || strings.ContainsRune(keep, c)
	}
	var b strings.Builder
	for at := 0; at < len(s); {
		c, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case plain(c, size):
			b.WriteString(s[at : at+size])
		case c == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[at])
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
		}
		at += size
	}
	return b.String()
}

// EscapeJSON escapes the characters that are not printable in the strings of a JSON text, whose value stays the
// same. The text is valid, so that nothing like it stands outside of strings but white space.
func EscapeJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, c := range string(text) {
		switch {
		case unicode.IsPrint(c) || c == '\n' || c == '\t' || c == '\r':
			out = utf8.AppendRune(out, c)
		case c < 1<<16:
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			high, low := utf16.EncodeRune(c)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return out
}
