package lock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// FileName is the name of a package's lock.
const FileName = "necro.lock"

// format is the version of the file's form.
const format = 1

// File is what necro.lock holds.
type File struct {
	Format  int      `json:"format"`
	Events  []Event  `json:"events"`
	States  []Event  `json:"states,omitempty"`
	Structs []Struct `json:"structs,omitempty"` // what the events and states hold
	// Accepted are breaking changes that were wanted.
	Accepted []Accepted `json:"accepted,omitempty"`
}

// Event is an event, or the state of an organ, as it was.
type Event struct {
	Name    string   `json:"name"`
	Version int      `json:"version"`
	Aliases []string `json:"aliases,omitempty"`
	Key     string   `json:"key,omitempty"` // the wire name of the key field
	Type    string   `json:"type"`          // the name in Go
	Array   bool     `json:"array,omitempty"`
	Fields  []Field  `json:"fields"`

	pos   model.Pos
	state bool // it is one of File.States
}

// all returns the events, and then the states.
func (f *File) all() []Event { return slices.Concat(f.Events, f.States) }

// noun is what messages call it.
func (e Event) noun() string {
	if e.state {
		return "state"
	}
	return "event"
}

// Struct is a struct that events or states hold.
type Struct struct {
	Name   string  `json:"name"`
	Array  bool    `json:"array,omitempty"`
	Fields []Field `json:"fields"`
}

// Field is a field by its name on the wire.
type Field struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Type    string   `json:"type"`
	Rules   string   `json:"rules,omitempty"` // the validate tag

	pos model.Pos
	typ *model.Type // nil in a file that was read
}

// Accepted is a breaking change that was wanted, with its reason.
type Accepted struct {
	Change string `json:"change"`
	Reason string `json:"reason"`
}

// Parse reads a file. Nothing at all is an empty file: a package that never had one.
func Parse(content []byte) (*File, error) {
	if len(content) == 0 {
		return &File{Format: format}, nil
	}
	f := new(File)
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(f); err != nil {
		return nil, fmt.Errorf("reading %s: %w", FileName, err)
	}
	if f.Format != format {
		return nil, fmt.Errorf("reading %s: its format is %d, this necrogen knows %d", FileName, f.Format, format)
	}
	if dec.More() {
		return nil, errors.New("reading " + FileName + ": there is data behind its end")
	}
	for i := range f.States {
		f.States[i].state = true
	}
	return f, nil
}

// Bytes returns the text of the file; the same content gives the same text.
func (f *File) Bytes() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
