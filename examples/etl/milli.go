package main

import (
	"errors"
	"fmt"
	"strings"
)

// Milli is a number in thousandths. Integers add up to the same sum in any order, which
// floating-point numbers don't, and chunks arrive in any order.
type Milli int64

const (
	milliDigits = 3
	one         = Milli(1000)
)

var errNumber = errors.New("is not a number")

// ParseMilli reads a number such as 39.1, with at most three digits behind the point.
func ParseMilli(text string) (Milli, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || point && fraction == "" || len(whole) > 12 || len(fraction) > milliDigits {
		return 0, errNumber
	}
	n := Milli(0)
	for _, part := range []string{whole, fraction, "000"[len(fraction):]} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return 0, errNumber
			}
			n = 10*n + Milli(c-'0')
		}
	}
	if negative {
		n = -n
	}
	return n, nil
}

// String writes it with all three digits.
func (n Milli) String() string { return fmt.Sprintf("%d.%03d", n/one, n%one) }

// divideBy divides by a number, and rounds half up. Both are positive.
func (n Milli) divideBy(by int64) Milli { return (n + Milli(by/2)) / Milli(by) }
