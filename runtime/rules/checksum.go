package rules

import (
	"strconv"
	"strings"
)

// CreditCard reports whether s has 12 to 19 digits with a Luhn checksum, in groups of at least
// three by single spaces.
func CreditCard(s string) bool {
	var buf [19]byte
	number := buf[:0]
	for {
		group, rest, more := strings.Cut(s, " ")
		if len(group) < 3 || !allDigits(group) || len(number)+len(group) > len(buf) {
			return false
		}
		number = append(number, group...)
		if !more {
			return len(number) >= 12 && passesLuhn(number)
		}
		s = rest
	}
}

// Luhn reports whether s has at least two digits, of which the last is the Luhn checksum.
func Luhn(s string) bool { return len(s) >= 2 && allDigits(s) && passesLuhn(s) }

// LuhnInt is Luhn for the digits of a number.
func LuhnInt(n int64) bool { return n >= 0 && LuhnUint(uint64(n)) }

// LuhnUint is LuhnInt for unsigned numbers.
func LuhnUint(n uint64) bool {
	var buf [20]byte
	return n >= 10 && passesLuhn(strconv.AppendUint(buf[:0], n, 10))
}

func passesLuhn[S string | []byte](s S) bool {
	sum := 0
	for i := range len(s) {
		n := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

// ISBN reports whether s is an ISBN with 10 or 13 digits.
func ISBN(s string) bool { return ISBN10(s) || ISBN13(s) }

// ISBN10 reports whether s is an ISBN with 10 digits, up to three dashes and three spaces. The
// last digit may be an X, which is 10.
func ISBN10(s string) bool {
	var buf [10]byte
	isbn, ok := stripSeparators(s, buf[:0], 3)
	if !ok || !allDigits(string(isbn[:9])) || !isDigit(isbn[9]) && isbn[9] != 'X' {
		return false
	}
	sum := 0
	for i, c := range isbn {
		sum += (i + 1) * isbnDigit(c)
	}
	return sum%11 == 0
}

// ISBN13 reports whether s is an ISBN with 13 digits, up to four dashes and four spaces.
func ISBN13(s string) bool {
	var buf [13]byte
	isbn, ok := stripSeparators(s, buf[:0], 4)
	if !ok || !allDigits(string(isbn)) || string(isbn[:3]) != "978" && string(isbn[:3]) != "979" {
		return false
	}
	sum := 0
	for i, c := range isbn {
		sum += int(c-'0') * (1 + i%2*2)
	}
	return sum%10 == 0
}

// stripSeparators appends s to b without its dashes and spaces, of which s may have at most that number each. ok
// reports whether the rest fills the capacity of b exactly.
func stripSeparators(s string, b []byte, most int) (number []byte, ok bool) {
	dashes, spaces := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-' && dashes < most:
			dashes++
		case c == ' ' && spaces < most:
			spaces++
		case len(b) == cap(b):
			return nil, false
		default:
			b = append(b, c)
		}
	}
	return b, len(b) == cap(b)
}

func isbnDigit(c byte) int {
	if c == 'X' {
		return 10
	}
	return int(c - '0')
}

// ISSN reports whether s is an ISSN: 0378-5955, where the last digit may be an X.
func ISSN(s string) bool {
	if len(s) != 9 || !hasShape(s[:8], "9999-999") || !isDigit(s[8]) && s[8] != 'X' {
		return false
	}
	sum, weight := 0, 8
	for i := range len(s) {
		if s[i] != '-' {
			sum += weight * isbnDigit(s[i])
			weight--
		}
	}
	return sum%11 == 0
}
