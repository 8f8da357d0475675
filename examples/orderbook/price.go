package main

import (
	"errors"
	"strconv"
	"strings"
)

// Price is an amount of money in ten-thousandths, so that sums and comparisons are exact.
type Price int64

// priceUnit is one whole unit of the currency, written with priceDigits behind the point.
const (
	priceUnit   = 10_000
	priceDigits = 4
)

var errPrice = errors.New("is not a price such as 150.25, with at most 4 digits behind the point")

// ParsePrice reads a decimal number without going through a float.
func ParsePrice(text string) (Price, error) {
	whole, part, _ := strings.Cut(text, ".")
	if whole == "" || strings.TrimLeft(whole+part, "0123456789") != "" || len(part) > priceDigits {
		return 0, errPrice
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", priceDigits-len(part)), 10, 64)
	if err != nil {
		return 0, errPrice
	}
	return Price(n), nil
}

// String writes the price with two digits behind the point, or more where it has them.
func (p Price) String() string {
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	part := strconv.FormatInt(int64(p%priceUnit)+priceUnit, 10)[1:]
	part = part[:2] + strings.TrimRight(part[2:], "0")
	return sign + strconv.FormatInt(int64(p/priceUnit), 10) + "." + part
}

// MarshalJSON writes the price as a decimal number.
func (p Price) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }
