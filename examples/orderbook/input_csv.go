package main

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
func csvRecords(in io.Reader) iter.Seq[record] {
	return func(yield func(record) bool) {
		r := csv.NewReader(in)
		r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord, r.Comment = -1, true, true, '#'
		first, err := r.Read()
		header := cleaned(first)
		if err == nil {
			err = checkHeader(header)
		}
		if err == io.EOF {
			err = errors.New("the input is empty")
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
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
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
