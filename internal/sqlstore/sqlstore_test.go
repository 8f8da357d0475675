package sqlstore

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// placed is an event that is encoded when it is stored.
type placed struct{ contract.Event }

func (placed) AppendMsgpack(b []byte) ([]byte, error) { return append(b, 0xc0), nil }

func TestEncodeAllKeepsTheCallersSlice(t *testing.T) {
	var types Types
	msgs := []contract.Message{
		{Type: types.TypeOf("A", 1), Payload: []byte{0x80}},
		{Type: types.TypeOf("A", 1), Event: placed{}},
	}
	encoded, err := EncodeAll(msgs, func(*contract.Message, int) error { return nil })
	if err != nil || len(encoded[1].Payload) != 1 || msgs[1].Payload != nil {
		t.Errorf("%v, payloads %x, and %x of the caller", err, encoded[1].Payload, msgs[1].Payload)
	}
	if msgs[0].Type != msgs[1].Type {
		t.Error("one type has two descriptors")
	}
	tooLarge := errors.New("too large")
	if _, err := PreparePublish(msgs[:1], 1, func(*contract.Message, int) error { return tooLarge }); err == nil {
		t.Error("a message that the database does not take is prepared")
	}
	if _, err := PreparePublish(msgs, 1, nil); !errors.Is(err, contract.ErrBatchTooLarge) {
		t.Errorf("two messages with a limit of one: %v", err)
	}
}

func TestScheduleCursorIsReadAsItWasWritten(t *testing.T) {
	due, number, err := ReadScheduleCursor(ScheduleCursor(-5, 7))
	if due != -5 || number != 7 || err != nil {
		t.Errorf("%d, %d, %v", due, number, err)
	}
	if due, number, err = ReadScheduleCursor(""); due != math.MinInt64 || number != math.MinInt64 || err != nil {
		t.Errorf("%d, %d, %v", due, number, err)
	}
	for _, text := range []string{"7", "1/2/3", "01/2", "a/b"} {
		if _, _, err := ReadScheduleCursor(text); err == nil {
			t.Errorf("%q is a cursor", text)
		}
	}
}

func TestNoTimeIsZero(t *testing.T) {
	now := time.Now()
	if NanosOf(time.Time{}) != 0 || !TimeOf(0).IsZero() || !TimeOf(NanosOf(now)).Equal(now) {
		t.Error("a time is not what it was")
	}
}
