package contract

import (
	"strings"
	"testing"
)

// TestOutcomeIsChecked refuses outcomes that no backend can apply, and states where none can be kept.
func TestOutcomeIsChecked(t *testing.T) {
	t.Parallel()
	event := &EventType{Name: "EVENT", Version: 1}
	keyed, bare := &Delivery{Message: Message{Type: event, Key: "k"}}, &Delivery{Message: Message{Type: event}}
	state := &StateWrite{Write: 1}
	for name, test := range map[string]struct {
		outcome Outcome
		refused string // what the error says; empty for none
	}{
		"Ack":               {Outcome{Delivery: bare}, ""},
		"Retry":             {Outcome{Delivery: bare, Kind: OutcomeRetry}, ""},
		"Decline":           {Outcome{Delivery: bare, Kind: OutcomeDecline}, ""},
		"Dead":              {Outcome{Delivery: bare, Kind: OutcomeDead, Death: &Death{}}, ""},
		"NoDelivery":        {Outcome{}, "no delivery"},
		"NoDeliveryState":   {Outcome{State: state}, "no delivery"},
		"NoDeath":           {Outcome{Delivery: bare, Kind: OutcomeDead}, "without a Death"},
		"UnknownKind":       {Outcome{Delivery: bare, Kind: 4}, "unknown kind 4"},
		"NegativeKind":      {Outcome{Delivery: bare, Kind: -1}, "unknown kind -1"},
		"UnknownKindState":  {Outcome{Delivery: keyed, Kind: 4, State: state}, "unknown kind 4"},
		"NegativeKindState": {Outcome{Delivery: keyed, Kind: -1, State: state}, "unknown kind -1"},
		"State":             {Outcome{Delivery: keyed, State: state}, ""},
		"StateOfNoKey":      {Outcome{Delivery: bare, State: state}, "no key"},
		"StateOfRetry":      {Outcome{Delivery: keyed, Kind: OutcomeRetry, State: state}, "only an OutcomeAck"},
		"StateOfDecline":    {Outcome{Delivery: keyed, Kind: OutcomeDecline, State: state}, "only an OutcomeAck"},
		"StateOfDead":       {Outcome{Delivery: keyed, Kind: OutcomeDead, Death: &Death{}, State: state}, ""},
		"NegativeTTL":       {Outcome{Delivery: keyed, State: &StateWrite{Write: 1, TTL: -1}}, "TTL of its state is -1ns"},
	} {
		err := test.outcome.Check()
		if test.refused == "" && err != nil || test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)) {
			t.Errorf("%s: error %v, want one that says %q", name, err, test.refused)
		}
	}
}

// TestResults wants nil results to say that everything was applied.
func TestResults(t *testing.T) {
	t.Parallel()
	some := Results{ResultApplied, ResultLost, ResultConflict}
	for i, want := range some {
		if some.At(i) != want || some.IsApplied(i) != (want == ResultApplied) {
			t.Errorf("result %d is %d, applied %t", i, some.At(i), some.IsApplied(i))
		}
		if Results(nil).At(i) != ResultApplied || !Results(nil).IsApplied(i) {
			t.Errorf("result %d of nil results is not applied", i)
		}
	}
}
