package main

import (
	"bufio"
	"bytes"
	"io"
	"iter"
)

// record is one order of an input, as text by column. err says why it cannot be used.
type record struct {
	line   int
	fields map[string]string
	err    error
}

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

// records reads CSV with a header line, a JSON array, or a JSON object on every line; it
// tells them apart by the first character. A bad record does not end it.
func records(in io.Reader) iter.Seq[record] {
	r := bufio.NewReaderSize(in, 1<<16)
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		r.Discard(len(mark)) // what some spreadsheets begin a file with
	}
	switch first(r) {
	case '[':
		return jsonArray(r)
	case '{':
		return jsonLines(r)
	}
	return csvRecords(r)
}

// first looks at the first character that is no space. It takes nothing away, and does not
// wait for more.
func first(r *bufio.Reader) byte {
	for n := 1; ; n++ {
		text, err := r.Peek(n)
		if err != nil {
			return 0
		}
		if c := text[n-1]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
}
