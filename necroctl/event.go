package necroctl

import (
	"encoding/json"
	"time"

	"github.com/necrostack/necrogen/internal/redact/msgpackjson"
	"github.com/necrostack/necrogen/runtime/contract"
)

// storedEvent is an event with its envelope, for scripts.
type storedEvent struct {
	ID          contract.ID       `json:"id"`
	Type        string            `json:"type"`
	Version     int               `json:"version"`
	Time        time.Time         `json:"time"`
	Key         string            `json:"key,omitempty"`
	Correlation contract.ID       `json:"correlation_id"`
	Causation   *contract.ID      `json:"causation_id,omitempty"`
	Hops        int32             `json:"hops"`
	Headers     map[string]string `json:"headers,omitempty"`
	// Data is the event as JSON or, when it cannot be read, {"$bytes": base64}.
	Data json.RawMessage `json:"data"`
}

func eventOf(m *contract.Message) storedEvent {
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
