package redisstream

import (
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestAnswerOlderThanAFailure settles a failed delivery while the server answers whether another one of
// its key may run: the answer may be older than the failure, so it counts for nothing.
func TestAnswerOlderThanAFailure(t *testing.T) {
	first, second := &entry{stream: mainStream, id: "1-0", size: 1}, &entry{stream: mainStream, id: "2-0", size: 1}
	message := contract.Message{Key: "k"}
	q := &queue{buffer: []contract.Delivery{{Message: message, Ref: second}}}
	failed := []contract.Outcome{{Delivery: &contract.Delivery{Message: message, Ref: first}, Kind: contract.OutcomeRetry}}

	asked, holds := q.unpassedDeliveries()
	q.holdKeys(failed)
	q.passOrDrop(asked, []byte("0"), holds)
	again, holds := q.unpassedDeliveries()
	if len(again) != 1 {
		t.Fatalf("%d deliveries are looked at again, want the one whose key is held", len(again))
	}

	q.passOrDrop(again, []byte("0"), holds)
	if left, _ := q.unpassedDeliveries(); len(left) != 0 {
		t.Fatalf("%d deliveries are looked at although nothing has failed since", len(left))
	}
}

// TestAnswerOlderThanAHalt: an answer that was under way while a settle paused the organ does not open it.
func TestAnswerOlderThanAHalt(t *testing.T) {
	q := &queue{state: stateOpen}
	before := q.halts
	q.state, q.halts = statePaused, q.halts+1 // as readAnswer does
	if got := q.noteState(stateOpen, before); got != statePaused || q.state != statePaused || !q.look {
		t.Errorf("the older answer leads to state %s, looked up again: %v; want paused, true", got, q.look)
	}
	if got := q.noteState(stateOpen, q.halts); got != stateOpen || q.state != stateOpen {
		t.Errorf("the next answer leads to state %s, want open", got)
	}
}
