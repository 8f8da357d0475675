package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord is how long a record may be. Without a bound a quote that is never closed would
// be a record as long as the file.
const maxRecord = 64 << 10

// planner divides CSV into ranges that end where records do. It parses nothing, and looks at each byte once: a
// line break inside of quotes is the one thing that it has to know about.
type planner struct {
	in   *bufio.Reader
	at   int64
	line int // that at is in
}

func newPlanner(in io.Reader) *planner {
	return &planner{in: bufio.NewReaderSize(in, maxRecord), line: 1}
}

// nextRange returns a range of at least size bytes and the line where it begins, or io.EOF.
func (p *planner) nextRange(size int64) (Range, int, error) {
	from, line := p.at, p.line
	for p.at-from < size {
		record := p.line
		err := p.skipRecord()
		if err == io.EOF && p.at > from {
			break
		}
		if err == io.EOF {
			return Range{}, 0, err
		}
		if err != nil {
			return Range{}, 0, fmt.Errorf("line %d: %w", record, err)
		}
	}
	return Range{from, p.at}, line, nil
}

// skipRecord goes to the end of the next record.
func (p *planner) skipRecord() error {
	from, s := p.at, fieldStart
	for {
		part, err := p.in.ReadSlice('\n')
		p.at += int64(len(part))
		s = s.afterText(part)
		switch {
		case err == nil:
			p.line++
		case err == io.EOF && p.at > from: // a last line without a line break
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
		if s == recordEnd {
			return nil
		}
		if p.at-from >= maxRecord {
			return tooLong(s)
		}
	}
}

func tooLong(s state) error {
	if s == quoted {
		return fmt.Errorf("a quote that is opened here is not closed within %d KiB: close it", maxRecord>>10)
	}
	return fmt.Errorf("longer than %d KiB: is this a CSV file?", maxRecord>>10)
}

// state is where in a record a byte stands, as encoding/csv sees it.
type state int

const (
	fieldStart state = iota
	plain            // in a field without quotes
	quoted           // in a field with quotes
	quote            // behind a quote in it: its end, or the first of two
	quoteCR          // behind such a quote and a carriage return
	broken           // a quote was wrong: the record ends with the line
	recordEnd
)

// afterText returns the state of the reader behind a text.
func (s state) afterText(text []byte) state {
	if s == fieldStart && bytes.IndexByte(text, '"') < 0 { // most lines
		if bytes.HasSuffix(text, []byte("\n")) {
			return recordEnd
		}
	}
	for _, c := range text {
		s = s.afterByte(c)
	}
	return s
}

func (s state) afterByte(c byte) state {
	switch {
	case s == quoted && c == '"':
		return quote
	case s == quoted:
		return quoted
	case c == '\n':
		return recordEnd
	case s == quote && c == '"':
		return quoted
	case s == quote && c == '\r':
		return quoteCR
	case s == broken || s == quoteCR || s == quote && c != ',' || s == plain && c == '"':
		return broken
	case c == ',':
		return fieldStart
	case s == fieldStart && c == '"':
		return quoted
	case s == fieldStart && (c == ' ' || c >= '\t' && c <= '\r'):
		return fieldStart
	}
	return plain
}
