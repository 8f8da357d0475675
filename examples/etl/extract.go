package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	necro "github.com/necrostack/necrogen/runtime"
)

// batchRows is how many rows travel together. What an event costs is then next to nothing.
const batchRows = 500

// Extract reads the rows of chunks. One call emits a bounded number of events, which is why
// main, and no handler, divides the file: a chunk has a few thousand rows.
//
//necro:organ extract retry=3 backoff=100ms..1s timeout=30s concurrency=2
type Extract struct{}

// Extract emits the rows of a chunk.
//
//necro:handle
func (*Extract) Extract(_ context.Context, c *ChunkFound, emit necro.Emit[RowsExtracted]) error {
	text, err := readRange(c.File, c.Range)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", c.File, c.Line, err)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = -1, true, true
	for from := c.From; from < c.To; {
		batch := RowsExtracted{Run: c.Run, Range: Range{From: from, To: c.To}}
		if more := extractRows(r, c, &batch); more {
			batch.To = c.From + r.InputOffset()
		}
		emit(batch)
		from = batch.To
	}
	return nil
}

// readRange reads a part of a file that had it when the run began.
func readRange(name string, r Range) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, necro.Permanent(errors.New("the file is gone"))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := make([]byte, r.To-r.From)
	if _, err = f.ReadAt(text, r.From); errors.Is(err, io.EOF) {
		err = necro.Permanent(errors.New("the file was cut off while it was read"))
	}
	return text, err
}

// extractRows fills a batch, and reports whether there may be more.
func extractRows(r *csv.Reader, c *ChunkFound, batch *RowsExtracted) (more bool) {
	for len(batch.Rows)+len(batch.Rejects) < batchRows {
		fields, err := r.Read()
		if err == io.EOF {
			return false
		}
		line, _ := r.FieldPos(0)
		switch parse, broken := errors.AsType[*csv.ParseError](err); {
		case broken:
			batch.Rejects = append(batch.Rejects, Reject{
				Line: c.Line + parse.StartLine - 1, Reason: "has a wrong quote",
				Mend: "put the field in quotes as a whole, and write quotes in it twice",
			})
		case len(fields) != c.Layout.Fields:
			batch.Rejects = append(batch.Rejects, fieldCount(c.Line+line-1, len(fields), c.Layout.Fields))
		default:
			batch.Rows = append(batch.Rows, Row{Line: c.Line + line - 1, Fields: c.Layout.pickFields(fields)})
		}
	}
	return true
}

func fieldCount(line, have, want int) Reject {
	r := Reject{Line: line, Reason: "has too few fields", Mend: "is a comma missing?"}
	if have > want {
		r.Reason, r.Mend = "has too many fields", "is a text with a comma not in quotes?"
	}
	r.Value = fmt.Sprintf("%d where the header has %d", have, want)
	return r
}
