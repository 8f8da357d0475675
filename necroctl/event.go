package necroctl

import (
	"encoding/json"
	"time"

	"github.com/necrostack/necrogen/internal/redact/msgpackjson"
	necro "github.com/necrostack/necrogen/runtime"
)

// storedEvent is an event with its envelope, for scripts.
type storedEvent struct {
	ID          necro.ID          `json:"id"`
	Type        string            `json:"type"`
	Version     int               `json:"version"`
	Time        time.Time         `json:"time"`
	Key         string            `json:"key,omitempty"`
	Correlation necro.ID          `json:"correlation_id"`
	Causation   *necro.ID         `json:"causation_id,omitempty"`
	Hops        int32             `json:"hops"`
	Headers     map[string]string `json:"headers,omitempty"`
	// Data is the event as JSON or, when it cannot be read, {"$bytes": base64}.
	Data json.RawMessage `json:"data"`
}

func eventOf(m *necro.Message) storedEvent {
	e := storedEvent{
		ID: m.ID, Type: m.Type.Name, Version: m.Type.Version, Time: m.Time().UTC(), Key: m.Key,
		Correlation: m.Correlation, Hops: m.Hops, Headers: m.Headers,
	}
	if !m.Causation.IsZero() {
		e.Causation = &m.Causation
	}
	data, err := ToJSON(m.Payload)
	if err != nil {
		data = msgpackjson.Bytes(nil, m.Payload)
	}
	e.Data = data
	return e
}
