package input

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// csvRecords reads CSV with a header line.
func csvRecords(in io.Reader, needed []string) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		r := csv.NewReader(in)
		r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord, r.Comment = -1, true, true, '#'
		first, err := r.Read()
		header := cleanHeader(first)
		if err == nil {
			err = checkHeader(header, needed)
		}
		if err == io.EOF {
			err = errors.New("the input is empty")
		}
		if err != nil {
			yield(Record{Line: 1, Err: fmt.Errorf("header: %w", err)})
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
func csvRecord(r *csv.Reader, header, row []string, err error) (rec Record, again bool) {
	if err != nil {
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			return Record{Line: parse.StartLine, Column: parse.Column, Err: mendQuotes(parse.Err)}, true
		}
		return Record{Err: err}, false
	}
	rec.Line, _ = r.FieldPos(0)
	if len(row) != len(header) {
		rec.Err = fmt.Errorf("%d fields where the header has %d: a field with a comma stands in quotes", len(row), len(header))
		return rec, true
	}
	rec.Fields = make(map[string]string, len(row))
	for i, field := range row {
		rec.Fields[header[i]] = strings.TrimSpace(field)
	}
	return rec, true
}

// mendQuotes says in plain words how quotes are written.
func mendQuotes(err error) error {
	switch err {
	case csv.ErrBareQuote:
		return errors.New(`a quote inside of a field: put the whole field in quotes, and double the quotes in it`)
	case csv.ErrQuote:
		return errors.New(`a field in quotes that does not end: double the quotes in it, and end it with one`)
	}
	return err
}

func cleanHeader(header []string) []string {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return names
}

func checkHeader(header, needed []string) error {
	for _, name := range needed {
		if !slices.Contains(header, name) {
			return fmt.Errorf("there is no column %s; need %s", name, strings.Join(needed, ", "))
		}
	}
	return nil
}
