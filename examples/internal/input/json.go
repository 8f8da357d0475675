package input

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// jsonLines reads an object on every line.
func jsonLines(in io.Reader) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		lines, line := bufio.NewScanner(in), 1
		for ; lines.Scan(); line++ {
			text := bytes.TrimSpace(lines.Bytes())
			if len(text) > 0 && !yield(jsonRecord(line, text)) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Record{Line: line, Err: fmt.Errorf("the rest is not read: %w", err)})
		}
	}
}

// jsonArray reads an array of objects. Objects behind a mistake in its syntax are not read.
func jsonArray(in io.Reader) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		lines := &lineCounter{in: in}
		d := json.NewDecoder(lines)
		_, err := d.Token() // the bracket
		for err == nil && d.More() {
			var object json.RawMessage
			if err = d.Decode(&object); err != nil {
				break
			}
			if !yield(jsonRecord(lines.lineAt(d.InputOffset()-int64(len(object))), object)) {
				return
			}
		}
		if err == nil {
			_, err = d.Token()
		}
		if err != nil {
			yield(Record{Line: lines.lineAt(lines.errorOffset(d, err)), Err: fmt.Errorf("the rest is not read: %w", err)})
		}
	}
}

// errorOffset returns where in the input a decoder met an error.
func (c *lineCounter) errorOffset(d *json.Decoder, err error) int64 {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return syntax.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return c.read
	}
	return d.InputOffset()
}

// lineCounter knows the line of each offset in the text that is read through it.
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

// lineAt returns the line of an offset; offsets must not go back.
func (c *lineCounter) lineAt(offset int64) int {
	n, _ := slices.BinarySearch(c.ends, offset)
	c.ends = c.ends[:copy(c.ends, c.ends[n:])]
	c.passed += n
	return c.passed + 1
}

// jsonRecord returns an object's members as text.
func jsonRecord(line int, text []byte) Record {
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a price is not to become a float
	err := d.Decode(&members)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = errors.New("is not a JSON object")
	}
	if err != nil {
		return Record{Line: line, Err: err}
	}
	rec := Record{Line: line, Fields: make(map[string]string, len(members))}
	for name, member := range members {
		text, ok := asText(member)
		if !ok {
			rec.Err = fmt.Errorf("%s is neither text nor a number, nor a list of texts", name)
		}
		rec.Fields[name] = text
	}
	return rec
}

// asText returns a member as CSV would have it: a list of texts is separated by |.
func asText(member any) (text string, ok bool) {
	switch v := member.(type) {
	case nil:
		return "", true
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			if texts[i], ok = v[i].(string); !ok {
				return "", false
			}
		}
		return strings.Join(texts, "|"), true
	}
	return "", false
}
