package rules

import (
	"encoding/json"
	"strings"
	"unsafe"
)

// JSON reports whether s is valid JSON.
func JSON(s string) bool {
	// json.Valid does not change its input, so that the text needs no copy.
	return json.Valid(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// JSONBytes is JSON for bytes.
func JSONBytes(b []byte) bool { return json.Valid(b) }

var (
	base32Char    = byteSet(uppers + "234567")
	base64Char    = byteSet(lowers + uppers + digits + "+/")
	base64URLChar = byteSet(lowers + uppers + digits + "-_")
)

// JWT reports whether s has the form of a JSON Web Token: three parts in URL-safe Base64, of
// which the last may be empty.
func JWT(s string) bool {
	header, s, ok := strings.Cut(s, ".")
	claims, signature, ok2 := strings.Cut(s, ".")
	return ok && ok2 && header != "" && claims != "" &&
		onlyBytesOf(header, &base64URLChar) && onlyBytesOf(claims, &base64URLChar) && onlyBytesOf(signature, &base64URLChar)
}

// Base32 reports whether s is Base32 with its padding.
func Base32(s string) bool {
	body := strings.TrimRight(s, "=")
	if s == "" || len(s)%8 != 0 || !onlyBytesOf(body, &base32Char) {
		return false
	}
	switch len(s) - len(body) {
	case 0, 1, 3, 4, 6:
		return true
	}
	return false
}

// Base64 reports whether s is Base64 with its padding.
func Base64(s string) bool { return isPadded(s, &base64Char) }

// Base64URL reports whether s is URL-safe Base64 with its padding.
func Base64URL(s string) bool { return isPadded(s, &base64URLChar) }

func isPadded(s string, set *[256]bool) bool {
	body := strings.TrimRight(s, "=")
	return s != "" && len(s)%4 == 0 && len(s)-len(body) <= 2 && onlyBytesOf(body, set)
}

// Base64RawURL reports whether s is URL-safe Base64 without padding.
func Base64RawURL(s string) bool {
	return len(s) >= 2 && len(s)%4 != 1 && onlyBytesOf(s, &base64URLChar)
}

// Hexadecimal reports whether s has only hexadecimal digits, at least one, behind 0x or nothing.
func Hexadecimal(s string) bool {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		s = s[2:]
	}
	return s != "" && onlyBytesOf(s, &hexDigit)
}

// LowerHex reports whether s has just n hexadecimal digits in lower case: a hash, say.
func LowerHex(s string, n int) bool { return len(s) == n && onlyBytesOf(s, &lowerHex) }

// EthAddr reports whether s is an Ethereum address: 0x and 40 hexadecimal digits.
func EthAddr(s string) bool { return len(s) == 42 && s[:2] == "0x" && onlyBytesOf(s[2:], &hexDigit) }

// URLEncoded reports whether every % is followed by two hexadecimal digits.
func URLEncoded(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "%")
		if !found {
			return true
		}
		if len(rest) < 2 || !hexDigit[rest[0]] || !hexDigit[rest[1]] {
			return false
		}
		s = rest[2:]
	}
}
