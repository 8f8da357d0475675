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

// openInputs opens all inputs; without files it is the sample.
func openInputs(ctx context.Context, files []string, stdin io.Reader) ([]input.Source, error) {
	if len(files) == 0 {
		return []input.Source{input.Text("sample orders", sample)}, nil
	}
	return input.Open(ctx, files, stdin)
}

// makeFeed returns the feed that publishes the orders of sources, which are numbered from first+1 on.
func (x *exchange) makeFeed(sources []input.Source, first uint64, report io.Writer) *input.Feed {
	publish := func(ctx context.Context, e necro.Event) error { return x.publishEvents(ctx, e) }
	event := func(r *input.Record, number uint64) (necro.Event, error) { return eventOf(r, first+number) }
	return &input.Feed{Sources: sources, Needed: needed, Event: event, Publish: publish, Report: report}
}
