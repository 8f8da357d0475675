package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// deed says what a line of the records is about.
type deed string

const (
	tried    deed = "tried"    // by a publisher, before its first call
	accepted deed = "accepted" // by a publisher, after Publish returned nil
	refused  deed = "refused"  // by a publisher: Publish returned an error
	fetched  deed = "fetched"  // by a worker: the delivery is in its hands
	handled  deed = "handled"  // by a worker, in the handler and so before anything is settled
	failed   deed = "failed"   // the same, of a call that returns an error
	settled  deed = "settled"  // by a worker, after Settle returned without an error
	released deed = "released" // by a worker, after Release returned without an error
)

// line is one line of the records.
type line struct {
	At    int64    `json:"at"` // microseconds since 1970
	Did   deed     `json:"did"`
	Organ string   `json:"organ,omitempty"`
	Path  string   `json:"path"`
	ID    necro.ID `json:"id,omitzero"`
	Cause necro.ID `json:"cause,omitzero"`
	By    uint64   `json:"by,omitempty"`    // the call that made the event
	Run   uint64   `json:"run,omitempty"`   // the call that is recorded
	Emits int      `json:"emits,omitempty"` // by this call

	Outcome contract.OutcomeKind `json:"outcome,omitempty"` // of the settled deliveries
	Applied bool                 `json:"applied,omitempty"` // the settle counted

	Root  *Root  `json:"root,omitempty"`  // the attempts
	Batch string `json:"batch,omitempty"` // those that were published together
	Error string `json:"error,omitempty"`
	Full  bool   `json:"full,omitempty"` // the server has no memory left
}

func (l *line) visitOf() visit { return visit{l.Organ, l.Path} }

// records is an append-only file of one process. A line is one write: it outlives a kill -9,
// and comes whole or not at all.
type records struct{ file *os.File }

func openRecords(name string) (*records, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	return &records{f}, err
}

// writeLines appends lines. A process that cannot record must not go on: its deeds would be missed.
func (r *records) writeLines(lines ...line) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	now := time.Now().UnixMicro()
	var err error
	for i := range lines {
		lines[i].At = now
		err = errors.Join(err, encoder.Encode(&lines[i]))
	}
	if len(lines) > 0 && err == nil {
		_, err = r.file.Write(b.Bytes())
	}
	if err != nil {
		panic(fmt.Errorf("record: %w", err))
	}
}

// tail reads a file of records while it grows.
type tail struct {
	name string
	read int64 // bytes
}

// fromNow returns a tail that begins with the next line to be written.
func fromNow(name string) (*tail, error) {
	t := &tail{name: name}
	info, err := os.Stat(name)
	if err == nil {
		t.read = info.Size()
	}
	return t, unlessMissing(err)
}

// unlessMissing forgives a process that it has recorded nothing so far.
func unlessMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// newLines returns the lines appended since the last call.
func (t *tail) newLines() (list []line, err error) {
	f, err := os.Open(t.name)
	if err != nil {
		return nil, unlessMissing(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, t.read, math.MaxInt64-t.read))
	if err != nil {
		return nil, err
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1] // the last line may be under way, or never be ended
	t.read += int64(len(b))
	for text := range bytes.Lines(b) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", t.name, text, err)
		}
		list = append(list, l)
	}
	return list, nil
}
