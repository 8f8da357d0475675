// Package trail is what an organ that sees every event keeps of them: a line of JSON for each,
// and the latest few in memory.
package trail

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

// Trail writes events as lines of JSON. A nil Trail writes nothing. It is not safe for concurrent
// use.
type Trail struct{ lines *json.Encoder }

// New returns a trail on w; without one it is nil.
func New(w io.Writer) *Trail {
	if w == nil {
		return nil
	}
	return &Trail{json.NewEncoder(w)}
}

// entry is a line of the trail.
type entry struct {
	Time        time.Time   `json:"time"`
	Type        string      `json:"type"`
	ID          necro.ID    `json:"id"`
	Correlation necro.ID    `json:"correlation_id"`
	Causation   necro.ID    `json:"causation_id"`
	Event       necro.Event `json:"event"`
}

// Add writes an event. That it can't be written is for good.
func (t *Trail) Add(meta *necro.Meta, e necro.Event) error {
	if t == nil {
		return nil
	}
	err := t.lines.Encode(entry{meta.Time, meta.Type, meta.ID, meta.Correlation, meta.Causation, e})
	if err != nil {
		return necro.Permanent(fmt.Errorf("write the audit trail: %w", err))
	}
	return nil
}

// Create opens a file for a trail, and finish ends it; without a name there is none.
func Create(name string) (w io.Writer, finish func() error, err error) {
	if name == "" {
		return nil, func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, cli.FileError(name, err)
	}
	buffer := bufio.NewWriter(f)
	return buffer, func() error { return errors.Join(buffer.Flush(), f.Close()) }, nil
}
