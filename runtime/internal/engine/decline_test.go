package engine

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// How long a delivery was declined is the sum of its delays, however often that was: no clock of a
// process, which may be an hour behind, has a part in it.
func TestDeclinesAreMeasuredByTheirDelays(t *testing.T) {
	var sum time.Duration
	for n := range int32(40) {
		if got := declinedFor(n); got != sum {
			t.Errorf("%d declines: %s, want %s", n, got, sum)
		}
		sum += declineDelay(n)
	}
	if got := declinedFor(1 << 30); got < 1000*time.Hour {
		t.Errorf("very many declines: %s", got)
	}
	o := &Organ{engine: &Engine{DeclineLimit: 15 * time.Minute}, unrouted: &Route{}}
	future := time.Now().Add(time.Hour).UnixNano()
	for _, declined := range []int64{1, future} { // by clocks that are far behind, and ahead
		d := &contract.Delivery{Message: contract.Message{Type: &contract.EventType{Name: "A", Version: 1}}, Declines: 2, Declined: declined}
		if out, _ := o.declineDelivery(d); out.Kind != contract.OutcomeDecline {
			t.Errorf("declined first at %d: given up after 3s, want %s", declined, o.engine.DeclineLimit)
		}
		d.Declines = 40
		if out, _ := o.declineDelivery(d); out.Kind == contract.OutcomeDecline {
			t.Errorf("declined first at %d: declined for ever", declined)
		}
	}
}
