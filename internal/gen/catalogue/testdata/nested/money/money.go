// Package money has what other packages hold.
package money

// Amount is a sum of money.
type Amount struct {
	Cents    int    `msgpack:"cents"`
	Currency string `msgpack:"currency" validate:"iso4217"`
}
