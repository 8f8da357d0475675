package message

import (
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// TestElementsOfALaterVersion are skipped, however many there are.
func TestElementsOfALaterVersion(t *testing.T) {
	m := contract.Message{ID: contract.NewID(), Type: &contract.EventType{Name: "E", Version: 1}, Payload: []byte{0x80}}
	for size := envelopeSize; size < envelopeSize+8; size++ {
		b := wire.AppendArrayLen(nil, size)
		b = append(b, Append(nil, &m, Progress{})[1:]...)
		for range size - envelopeSize {
			b = wire.AppendInt(b, 7)
		}
		var d contract.Delivery
		if rest, err := Read(string(b)+"next", &d, nil); rest != "next" || err != nil {
			t.Errorf("%d elements: what follows is %q, error %v", size, rest, err)
		}
	}
}

// TestNumbersHaveARange reads messages with numbers that nothing of ours writes.
func TestNumbersHaveARange(t *testing.T) {
	for name, m := range map[string]struct {
		contract.Message
		Progress
	}{
		"hops":     {Message: contract.Message{Hops: -1}},
		"time":     {Message: contract.Message{Nanos: -1}},
		"version":  {Message: contract.Message{Type: &contract.EventType{Version: -1}}},
		"attempts": {Progress: Progress{Attempts: -2}},
		"declines": {Progress: Progress{Declines: -1}},
		"declined": {Progress: Progress{Declined: -1}},
		"many":     {Progress: Progress{Attempts: 1<<30 + 1}},
	} {
		if m.Type == nil {
			m.Type = &contract.EventType{Name: "E"}
		}
		m.Payload = []byte{0x80}
		var d contract.Delivery
		if _, err := Read(string(Append(nil, &m.Message, m.Progress)), &d, nil); err == nil {
			t.Errorf("%s: read as %+v", name, d)
		}
	}
}
