package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
)

// cancelType in the column order_type makes a record take an order back.
const cancelType = "CANCEL"

var errNumber = errors.New("is not a whole number")

// eventOf returns the event that a record asks for. What its values must be is for the
// event's own rules to say. number is the order's id where the record has none.
func eventOf(r *input.Record, number uint64) (necro.Event, error) {
	kind := strings.ToUpper(r.Fields[colType])
	id, err := orderID(r, number)
	if kind == cancelType {
		if r.Fields[colOrder] == "" {
			err = fmt.Errorf("%s: a cancel names the order that it takes back", colOrder)
		}
		return &CancelRequested{Cancel{OrderID: id, TraderID: r.Fields[colTrader], Symbol: symbolOf(r)}}, err
	}
	quantity, wrong := strconv.ParseInt(r.Fields[colQuantity], 10, 64)
	if wrong != nil {
		err = errors.Join(err, r.Wrong(colQuantity, errNumber))
	}
	price := Price(0)
	if r.Fields[colPrice] != "" {
		if price, wrong = ParsePrice(r.Fields[colPrice]); wrong != nil {
			err = errors.Join(err, r.Wrong(colPrice, wrong))
		}
	}
	return &OrderSubmitted{Order{
		OrderID: id, TraderID: r.Fields[colTrader], Symbol: symbolOf(r), Side: Side(strings.ToUpper(r.Fields[colSide])),
		Type: OrderType(kind), Quantity: quantity, Price: price,
	}}, err
}

func orderID(r *input.Record, number uint64) (uint64, error) {
	text := r.Fields[colOrder]
	if text == "" {
		return number, nil
	}
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, r.Wrong(colOrder, errNumber)
	}
	return id, nil
}

func symbolOf(r *input.Record) string { return strings.ToUpper(r.Fields[colSymbol]) }
