package rules

import (
	"strings"
	"unicode/utf8"
)

// Color reports whether s is a color in any of the forms.
func Color(s string) bool {
	return HexColor(s) || RGB(s) || RGBA(s) || HSL(s) || HSLA(s) || CMYK(s)
}

// HexColor reports whether s is # and 3, 4, 6 or 8 hexadecimal digits.
func HexColor(s string) bool {
	switch len(s) {
	case 4, 5, 7, 9:
		return s[0] == '#' && onlyBytesOf(s[1:], &hexDigit)
	}
	return false
}

// RGB reports whether s is a color such as rgb(0, 128, 255) or rgb(0%, 50%, 100%).
func RGB(s string) bool {
	return matchesForm(s, "rgb(_255,255,255_)") || matchesForm(s, "rgb(_255%,255%,255%_)")
}

// RGBA reports whether s is a color such as rgba(0, 128, 255, 0.5).
func RGBA(s string) bool {
	return matchesForm(s, "rgba(_255,255,255,a_)") || matchesForm(s, "rgba(_255%,255%,255%,a_)")
}

// HSL reports whether s is a color such as hsl(210, 100%, 50%).
func HSL(s string) bool { return matchesForm(s, "hsl(_360,100%,100%_)") }

// HSLA reports whether s is a color such as hsla(210, 100%, 50%, 0.5).
func HSLA(s string) bool { return matchesForm(s, "hsla(_360,100%,100%,a_)") }

// CMYK reports whether s is a color such as cmyk(0%, 50%, 100%, 0%).
func CMYK(s string) bool { return matchesForm(s, "cmyk(100%,100%,100%,100%)") }

// matchesForm reports whether s has a form, in which a number stands for itself and all below it, a
// comma for one with spaces around it, _ for spaces, and an a behind a comma for a transparency.
func matchesForm(s, pattern string) bool {
	name, pattern, _ := strings.Cut(pattern, "(")
	s, ok := strings.CutPrefix(s, name)
	for pattern = "(" + pattern; ok && pattern != ""; {
		s, pattern, ok = formStep(s, pattern)
	}
	return ok && s == ""
}

// formStep takes what the next step of the pattern stands for off s.
func formStep(s, pattern string) (rest, next string, ok bool) {
	switch c := pattern[0]; {
	case c == '_':
		return skipSpace(s), pattern[1:], true
	case c == ',':
		s = skipSpace(s)
		if s == "" || s[0] != ',' {
			return s, pattern, false
		}
		return skipSpace(s[1:]), pattern[1:], true
	case c == 'a':
		s, ok = skipAlpha(s)
		return s, pattern[1:], ok
	case isDigit(c):
		s, ok = skipNumber(s, pattern[:3])
		return s, pattern[3:], ok
	}
	if s == "" || s[0] != pattern[0] {
		return s, pattern, false
	}
	return s[1:], pattern[1:], true
}

func skipSpace(s string) string { return strings.TrimLeft(s, "\t\n\f\r ") }

// skipNumber takes a number without leading zeros off s that is at most the limit, which has
// three digits.
func skipNumber(s, limit string) (rest string, ok bool) {
	n := 0
	for n < len(s) && n < 4 && isDigit(s[n]) {
		n++
	}
	if !versionNumber(s[:n]) || n > 3 || n == 3 && s[:n] > limit {
		return s, false
	}
	return s[n:], true
}

// skipAlpha takes a transparency off s as the reference reads it: 0, 1, or 0 with any character
// and digits from 1 to 9.
func skipAlpha(s string) (rest string, ok bool) {
	if s == "" || s[0] != '0' && s[0] != '1' {
		return s, false
	}
	rest = strings.TrimLeft(s[1:], "\t\n\f\r ")
	if s[0] == '1' || rest == ")" {
		return s[1:], true
	}
	_, size := utf8.DecodeRuneInString(s[1:])
	if size == 0 || s[1] == '\n' {
		return s, false
	}
	return strings.TrimLeft(s[1+size:], "123456789"), true
}
