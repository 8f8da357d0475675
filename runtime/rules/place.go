package rules

import "strings"

// Latitude reports whether s is a decimal number from -90 to 90, whose whole part has at most
// two digits.
func Latitude(s string) bool { return isDegrees(s, "90") }

// Longitude reports whether s is a decimal number from -180 to 180 without leading zeros.
func Longitude(s string) bool { return isDegrees(s, "180") }

// Degrees reports whether x is a latitude or longitude up to the limit; NaN is none.
func Degrees[N number](x N, limit float64) bool {
	degrees := float64(x)
	return degrees >= -limit && degrees <= limit
}

// number are the kinds that hold degrees.
type number interface {
	~int | ~int64 | ~uint64 | ~float32 | ~float64
}

func isDegrees(s, limit string) bool {
	if !Numeric(s) {
		return false
	}
	if s[0] == '-' || s[0] == '+' {
		s = s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	switch {
	case whole == limit:
		return strings.Trim(fraction, "0") == ""
	case len(whole) == len(limit):
		return whole < limit && whole[0] != '0'
	}
	return len(whole) == 1 || len(whole) == 2 && whole[0] != '0'
}
