package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
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
	head, _ := r.Peek(r.Size())
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("[")):
		return jsonArray(r)
	case bytes.HasPrefix(head, []byte("{")):
		return jsonLines(r)
	}
	return csvRecords(r)
}

func csvRecords(in io.Reader) iter.Seq[record] {
	return func(yield func(record) bool) {
		r := csv.NewReader(in)
		r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord, r.Comment = -1, true, true, '#'
		first, err := r.Read()
		header := cleaned(first)
		if err == nil {
			err = checkHeader(header)
		}
		if err != nil {
			yield(record{line: 1, err: fmt.Errorf("header: %w", err)})
			return
		}
		for {
			row, err := r.Read()
			if err == io.EOF {
				return
			}
			rec, again := csvRecord(r, header, row, err)
			if !yield(rec) || !again {
				return
			}
		}
	}
}

// csvRecord returns a row as a record, and whether there may be more behind it.
func csvRecord(r *csv.Reader, header, row []string, err error) (rec record, again bool) {
	if err != nil {
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return record{line: parse.StartLine, err: parse.Err}, true
		}
		return record{err: err}, false
	}
	rec.line, _ = r.FieldPos(0)
	if len(row) != len(header) {
		rec.err = fmt.Errorf("%d fields where the header has %d", len(row), len(header))
		return rec, true
	}
	rec.fields = make(map[string]string, len(row))
	for i, field := range row {
		rec.fields[header[i]] = strings.TrimSpace(field)
	}
	return rec, true
}

func cleaned(header []string) []string {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return names
}

func checkHeader(header []string) error {
	for _, name := range needed {
		if !slices.Contains(header, name) {
			return fmt.Errorf("there is no column %s; need %s", name, strings.Join(needed, ", "))
		}
	}
	return nil
}

// jsonLines reads an object on every line.
func jsonLines(in io.Reader) iter.Seq[record] {
	return func(yield func(record) bool) {
		lines := bufio.NewScanner(in)
		for line := 1; lines.Scan(); line++ {
			text := bytes.TrimSpace(lines.Bytes())
			if len(text) > 0 && !yield(jsonRecord(line, text)) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(record{err: err})
		}
	}
}

// jsonArray reads an array of objects. What follows a mistake in its syntax is not read.
func jsonArray(in io.Reader) iter.Seq[record] {
	return func(yield func(record) bool) {
		lines := &lineCounter{in: in}
		d := json.NewDecoder(lines)
		_, err := d.Token() // the bracket
		for err == nil && d.More() {
			var object json.RawMessage
			if err = d.Decode(&object); err != nil {
				break
			}
			if !yield(jsonRecord(lines.at(d.InputOffset()-int64(len(object))), object)) {
				return
			}
		}
		if err == nil {
			_, err = d.Token()
		}
		if err != nil {
			yield(record{line: lines.at(d.InputOffset()), err: fmt.Errorf("the rest is not read: %w", err)})
		}
	}
}

// lineCounter knows on which line an offset of what is read through it lies.
type lineCounter struct {
	in     io.Reader
	read   int64
	passed int     // lines that end before the offsets asked for
	ends   []int64 // offsets of newlines behind those
}

func (c *lineCounter) Read(p []byte) (n int, err error) {
	n, err = c.in.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// at returns the line of an offset; offsets must not go back.
func (c *lineCounter) at(offset int64) int {
	n, _ := slices.BinarySearch(c.ends, offset)
	c.ends = c.ends[:copy(c.ends, c.ends[n:])]
	c.passed += n
	return c.passed + 1
}

// jsonRecord returns an object's members as text.
func jsonRecord(line int, text []byte) record {
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a price is not to become a float
	if err := d.Decode(&members); err != nil {
		return record{line: line, err: err}
	}
	rec := record{line: line, fields: make(map[string]string, len(members))}
	for name, member := range members {
		switch v := member.(type) {
		case nil:
		case string:
			rec.fields[name] = strings.TrimSpace(v)
		case json.Number:
			rec.fields[name] = v.String()
		default:
			rec.err = fmt.Errorf("%s is neither text nor a number", name)
		}
	}
	return rec
}
