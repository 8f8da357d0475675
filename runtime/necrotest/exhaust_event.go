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
	parent        *storedEvent // what it was emitted for; nil when it was published
	organ         string       // whose handler emitted or published it; empty for none
	times         int          // how often it was stored
}

func newStoredEvent(m *necro.Message, parent *storedEvent, organ string) *storedEvent {
	e := &storedEvent{*m, parent, organ, 1}
	e.Payload, e.Event = slices.Clone(m.Payload), nil
	return e
}

// same reports whether all is the same that is to be the same in every run.
func (e *storedEvent) same(o *storedEvent) bool {
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

// short tells as much of it as there is room for.
func (e *storedEvent) short() string { return shorten(e.String()) }

// whole tells all of it.
func (e *storedEvent) whole() string {
	return fmt.Sprintf("%s, version %d, key %q, headers %q, correlation %s, bytes %x",
		e, e.Type.Version, e.Key, e.Headers, e.Correlation, e.Payload)
}

// from tells where it comes from.
func (e *storedEvent) from() string {
	switch {
	case e.parent != nil:
		return fmt.Sprintf("emitted by %s for %s", e.organ, e.parent.short())
	case e.organ != "":
		return "published by a handler of " + e.organ
	}
	return "published"
}

// list tells several events.
func list(events []*storedEvent) string {
	if len(events) == 0 {
		return "nothing"
	}
	var texts []string
	for _, e := range events {
		texts = append(texts, e.String())
	}
	return strings.Join(texts, ", ")
}
