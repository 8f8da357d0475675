package rules

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	letterSpace = byteSet(lowers + uppers + " ")
	alnumSpace  = byteSet(lowers + uppers + digits + " ")
)

// Alpha reports whether s has only letters from a to z, at least one.
func Alpha(s string) bool { return s != "" && onlyBytesOf(s, &letter) }

// AlphaSpace is Alpha with spaces.
func AlphaSpace(s string) bool { return s != "" && onlyBytesOf(s, &letterSpace) }

// Alphanum reports whether s has only letters from a to z and digits, at least one.
func Alphanum(s string) bool { return s != "" && onlyBytesOf(s, &alnum) }

// AlphanumSpace is Alphanum with spaces.
func AlphanumSpace(s string) bool { return s != "" && onlyBytesOf(s, &alnumSpace) }

// AlphaUnicode reports whether s has only letters of any script, at least one.
func AlphaUnicode(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return s != ""
}

// AlphanumUnicode reports whether s has only letters and numbers of any script, at least one.
func AlphanumUnicode(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return false
		}
	}
	return s != ""
}

// Lowercase reports whether s is not empty and lower case does not change it. Text that is no
// UTF-8 would be changed.
func Lowercase(s string) bool { return isUnchangedBy(s, unicode.ToLower) }

// Uppercase is Lowercase for upper case.
func Uppercase(s string) bool { return isUnchangedBy(s, unicode.ToUpper) }

func isUnchangedBy(s string, by func(rune) rune) bool {
	ascii := true
	for _, r := range s {
		if by(r) != r {
			return false
		}
		ascii = ascii && r < utf8.RuneSelf
	}
	return s != "" && (ascii || utf8.ValidString(s))
}

// ASCII reports whether all bytes of s are below 128.
func ASCII(s string) bool { return s == "" || !hasMultibyte(s) }

// Multibyte reports whether s is empty or has a byte from 128 on.
func Multibyte(s string) bool { return s == "" || hasMultibyte(s) }

func hasMultibyte(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// PrintASCII reports whether all bytes of s are from the space to the tilde.
func PrintASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Number reports whether s has only digits, at least one.
func Number(s string) bool { return s != "" && allDigits(s) }

// Numeric reports whether s is a decimal number: digits, a sign before them, and a point with
// digits behind them.
func Numeric(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	whole, fraction, point := strings.Cut(s, ".")
	return Number(whole) && (!point || Number(fraction))
}

// Boolean reports whether s is a bool as strconv.ParseBool reads it.
func Boolean(s string) bool {
	_, err := strconv.ParseBool(s)
	return err == nil
}
