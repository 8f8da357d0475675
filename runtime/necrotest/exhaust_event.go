package necrotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
)

// storedEvent is an event that a run has stored, with where it comes from.
type storedEvent struct {
	necro.Message              // its bytes are its own
	parent        *storedEvent // the event that it was emitted for; nil when it was published
	organ         string       // whose handler emitted or published it; empty for none
	times         int          // how often it was stored
}

func newStoredEvent(m *necro.Message, parent *storedEvent, organ string) *storedEvent {
	e := &storedEvent{*m, parent, organ, 1}
	e.Payload, e.Event = slices.Clone(m.Payload), nil
	return e
}

// sameAs reports whether two events agree in everything that must be the same in every run.
func (e *storedEvent) sameAs(o *storedEvent) bool {
	return e.ID == o.ID && e.Type.Name == o.Type.Name && e.Type.Version == o.Type.Version &&
		e.Correlation == o.Correlation && e.Key == o.Key && maps.Equal(e.Headers, o.Headers) &&
		bytes.Equal(e.Payload, o.Payload)
}

// String tells what the event is: its name, and its fields as JSON where that can be.
func (e *storedEvent) String() string {
	typed := e.Type.New()
	if _, err := typed.ReadMsgpack(e.Payload); err != nil {
		return fmt.Sprintf("%s %x", e.Type.Name, e.Payload)
	}
	b, err := json.Marshal(typed)
	if err != nil {
		b = fmt.Appendf(nil, "%+v", typed)
	}
	return e.Type.Name + " " + string(b)
}

// tellShort describes the event in as many words as fit a line.
func (e *storedEvent) tellShort() string { return shortenText(e.String()) }

// tellWhole describes the event with all its fields.
func (e *storedEvent) tellWhole() string {
	return fmt.Sprintf("%s, version %d, key %q, headers %q, correlation %s, bytes %x",
		e, e.Type.Version, e.Key, e.Headers, e.Correlation, e.Payload)
}

// tellOrigin says which organ emitted the event, or that it was published.
func (e *storedEvent) tellOrigin() string {
	switch {
	case e.parent != nil:
		return fmt.Sprintf("emitted by %s for %s", e.organ, e.parent.tellShort())
	case e.organ != "":
		return "published by a handler of " + e.organ
	}
	return "published"
}

// tellEvents describes several events.
func tellEvents(events []*storedEvent) string {
	if len(events) == 0 {
		return "nothing"
	}
	var texts []string
	for _, e := range events {
		texts = append(texts, e.String())
	}
	return strings.Join(texts, ", ")
}
