package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
)

// cancelType in the column order_type makes a record take an order back.
const cancelType = "CANCEL"

var errNumber = errors.New("is not a whole number")

// event returns the event that a record asks for. What its values must be is for the
// event's own rules to say. number is the order's id where the record has none.
func (r record) event(number uint64) (necro.Event, error) {
	if r.err != nil {
		return nil, r.err
	}
	kind := strings.ToUpper(r.fields[colType])
	id, err := r.orderID(number)
	if kind == cancelType {
		if r.fields[colOrder] == "" {
			err = fmt.Errorf("%s: a cancel names the order that it takes back", colOrder)
		}
		return &CancelRequested{Cancel{OrderID: id, TraderID: r.fields[colTrader], Symbol: r.symbol()}}, err
	}
	quantity, wrong := strconv.ParseInt(r.fields[colQuantity], 10, 64)
	if wrong != nil {
		err = errors.Join(err, r.wrong(colQuantity, errNumber))
	}
	price := Price(0)
	if r.fields[colPrice] != "" {
		if price, wrong = ParsePrice(r.fields[colPrice]); wrong != nil {
			err = errors.Join(err, r.wrong(colPrice, wrong))
		}
	}
	return &OrderSubmitted{Order{
		OrderID: id, TraderID: r.fields[colTrader], Symbol: r.symbol(), Side: Side(strings.ToUpper(r.fields[colSide])),
		Type: OrderType(kind), Quantity: quantity, Price: price,
	}}, err
}

func (r record) orderID(number uint64) (uint64, error) {
	text := r.fields[colOrder]
	if text == "" {
		return number, nil
	}
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, r.wrong(colOrder, errNumber)
	}
	return id, nil
}

func (r record) symbol() string { return strings.ToUpper(r.fields[colSymbol]) }

func (r record) wrong(column string, err error) error {
	return fmt.Errorf("%s: %q %w", column, r.fields[column], err)
}
