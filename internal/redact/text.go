package redact

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many bytes of a text are shown: the rest is not looked at, and left out.
const MaxText = 64 << 10

// Text returns a text with secrets masked: the user name and password of URLs and of addresses without a scheme,
// and the value behind the name of a secret in queries and settings (password=…), in JSON, in the output of %+v
// for a struct (Password:…), in the header lines Authorization and Cookie and those whose name has a dash, and
// behind a flag (--password …). It takes time in proportion to the text.
func (n Names) Text(s string) string {
	if over := len(s) - MaxText; over > 0 {
		s = fmt.Sprintf("%s… (%d bytes more)", Cut(s, MaxText), over)
	}
	if s = n.maskLogins(maskURLs(s)); !strings.ContainsAny(s, "=:") {
		return s
	}
	var out strings.Builder
	done := 0
	for i := range len(s) {
		if i < done || s[i] != '=' && s[i] != ':' {
			continue
		}
		key, quoted := keyBefore(s[done:i])
		from := i + 1
		if s[i] == ':' {
			from = len(s) - len(strings.TrimLeft(s[from:], " \t\r\n"))
		}
		sentence := s[i] == ':' && !quoted && from > i+1 // as in "bad token: unexpected EOF"
		if sentence && !isHeader(key) || !n.Has(key) {
			continue
		}
		shown, size := shownValue(s[from:], !quoted && isHeader(key))
		out.WriteString(s[done:from])
		out.WriteString(shown)
		done = from + size
	}
	return out.String() + s[done:]
}

// headers are names whose values go on to the end of the line.
var headers = Names{"authorization", "cookie"}

// isHeader reports whether a key is that of a header line: one of two, or words joined by dashes, as
// in X-Api-Key.
func isHeader(key string) bool {
	i := strings.IndexByte(key, '-')
	return headers.Has(key) || i > 0 && i < len(key)-1
}

// maxKey is how many bytes of a name are looked at: its end.
const maxKey = 100

// keyBefore returns the name that s ends with, and whether it is a quoted one.
func keyBefore(s string) (key string, quoted bool) {
	s = s[max(0, len(s)-maxKey):]
	bare := strings.TrimSuffix(strings.TrimSuffix(s, `"`), `\`)
	start := strings.LastIndexFunc(bare, func(c rune) bool {
		return c != '_' && c != '-' && c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
	return bare[start+1:], len(bare) < len(s)
}

// shownValue returns the text shown instead of the value that s begins with, and the value's size.
func shownValue(s string, header bool) (shown string, size int) {
	for _, quote := range []string{`\"`, `"`, `'`} {
		if inside, ok := strings.CutPrefix(s, quote); ok {
			return quote + Mask, len(quote) + closingQuote(inside, quote)
		}
	}
	switch {
	case s == "":
		return "", 0
	case s[0] == '{' || s[0] == '[':
		return Mask, bracketedSize(s)
	case header:
		return Mask, len(textUntil(s, "\r\n\"'"))
	}
	return Mask, len(textUntil(s, " \t\r\n&;,\"'<>)]}"))
}

// closingQuote returns where the closing quote stands. A quote behind a backslash is none.
func closingQuote(s, quote string) int {
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], quote) {
			return i
		}
		if s[i] == '\\' {
			i++
		}
	}
	return len(s)
}

// bracketedSize returns the size of what s begins with up to the bracket that closes it.
func bracketedSize(s string) int {
	open := 0
	for i := range len(s) {
		switch s[i] {
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// Cut returns at most size bytes of s, and no part of a character.
func Cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size]
}
