package input

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
)

// Record is one entry of an input, as text by column. Err says why it cannot be used.
type Record struct {
	Line   int
	Column int // where Err is, in bytes; 0 where that is not known
	Fields map[string]string
	Err    error
}

// Place says where the record is: file:line, and the column where that is known.
func (r *Record) Place(file string) string {
	if r.Column > 0 {
		return fmt.Sprintf("%s:%d:%d", file, r.Line, r.Column)
	}
	return fmt.Sprintf("%s:%d", file, r.Line)
}

// Wrong reports a mistake in the value of a column.
func (r *Record) Wrong(column string, err error) error {
	return fmt.Errorf("%s: %q %w", column, r.Fields[column], err)
}

// Records reads CSV with a header line, which has the needed columns, a JSON array, or a JSON
// object on every line; it tells them apart by the first character. A bad record does not
// end it.
func Records(in io.Reader, needed []string) iter.Seq[Record] {
	r := bufio.NewReaderSize(in, 1<<16)
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		r.Discard(len(mark)) // what some spreadsheets begin a file with
	}
	switch firstByte(r) {
	case '[':
		return jsonArray(r)
	case '{':
		return jsonLines(r)
	}
	return csvRecords(r, needed)
}

// firstByte looks at the first character that is no space. It takes nothing away, and does not
// wait for more.
func firstByte(r *bufio.Reader) byte {
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
