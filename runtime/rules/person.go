package rules

import "strings"

// E164 reports whether s is a phone number of 8 to 15 digits that does not begin with 0; a plus
// may stand in front.
func E164(s string) bool {
	s = strings.TrimPrefix(s, "+")
	return len(s) >= 8 && len(s) <= 15 && s[0] != '0' && allDigits(s)
}

// SSN reports whether s is a U.S. social security number: 123-45-6789, also with spaces.
func SSN(s string) bool {
	return len(s) == 11 && isSeparator(s[3]) && isSeparator(s[6]) && s[4:6] != "00" && s[7:] != "0000" &&
		allDigits(s[:3]) && allDigits(s[4:6]) && allDigits(s[7:])
}

func isSeparator(c byte) bool { return c == '-' || c == ' ' }

// EIN reports whether s is a U.S. employer identification number: 12-3456789.
func EIN(s string) bool { return hasShape(s, "99-9999999") }
