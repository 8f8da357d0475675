package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errOrder = errors.New("an order is written as BUY 100 AAPL @ 150.50, or SELL 50 TSLA MKT for one at any price")

// parseOrder reads the text behind BUY or SELL: "100 AAPL @ 150.50" or "50 TSLA MKT". Number and trader are for
// the caller to fill in.
func parseOrder(side Side, text string) (o Order, err error) {
	words := strings.Fields(strings.ReplaceAll(text, "@", " @ "))
	if len(words) < 3 {
		return o, errOrder
	}
	o.Side, o.Symbol = side, strings.ToUpper(words[1])
	if o.Quantity, err = strconv.ParseInt(strings.ReplaceAll(words[0], ",", ""), 10, 64); err != nil {
		return o, fmt.Errorf("%q is not a number of shares: %w", words[0], errOrder)
	}
	switch kind := strings.ToUpper(words[2]); {
	case (kind == "MKT" || kind == "MARKET") && len(words) == 3:
		o.Type = Market
	case kind == "@" && len(words) == 4:
		o.Type = Limit
		if o.Price, err = ParsePrice(words[3]); err != nil {
			return o, fmt.Errorf("%q %w", words[3], err)
		}
	default:
		return o, errOrder
	}
	return o, nil
}

// parseID reads the number of an order.
func parseID(text string) (uint64, error) {
	id, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil || id == 0 {
		return 0, fmt.Errorf("%q is not the number of an order: try CANCEL 1", text)
	}
	return id, nil
}
