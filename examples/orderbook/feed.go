package main

import (
	"context"
	_ "embed"
	"io"

	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
)

//go:embed testdata/orders.csv
var sample string

// The columns; others are not looked at.
const (
	colOrder    = "order_id" // optional
	colTrader   = "trader_id"
	colSymbol   = "symbol"
	colSide     = "side"
	colType     = "order_type"
	colQuantity = "quantity"
	colPrice    = "price"
)

var needed = []string{colTrader, colSymbol, colSide, colType, colQuantity, colPrice}

// open opens all inputs; without files it is the sample.
func open(ctx context.Context, files []string, stdin io.Reader) ([]input.Source, error) {
	if len(files) == 0 {
		return []input.Source{input.Text("sample orders", sample)}, nil
	}
	return input.Open(ctx, files, stdin)
}

// feed returns what publishes the orders of sources.
func (x *exchange) feed(sources []input.Source, report io.Writer) *input.Feed {
	publish := func(ctx context.Context, e necro.Event) error { return x.publish(ctx, e) }
	return &input.Feed{Sources: sources, Needed: needed, Event: eventOf, Publish: publish, Report: report}
}
