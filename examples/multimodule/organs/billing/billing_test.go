package billing

import (
	"testing"

	"github.com/necrostack/necrogen/examples/multimodule/events"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

func TestChargeRefusesOverTheLimit(t *testing.T) {
	order := &events.OrderPlaced{OrderID: "a", Country: "NZ", Cents: 501}
	fed := necrotest.Feed(t, &Billing{LimitCents: 500}, order)
	refused := necrotest.Emitted[events.PaymentRefused](fed)
	if len(refused) != 1 || len(necrotest.Emitted[events.PaymentTaken](fed)) != 0 {
		t.Errorf("501 cents with a limit of 500: refused %v, error %v", refused, fed.Err)
	}
}

// TestGenerated fails when generated code of this module is missing or stale.
func TestGenerated(t *testing.T) { necrotest.Check(t) }
