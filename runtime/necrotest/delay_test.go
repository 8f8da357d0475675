package necrotest_test

import (
	"context"
	"maps"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// Rung is an alarm that rings again and again.
//
//necro:event
type Rung struct {
	Left int `msgpack:"left"`
}

// Alarm is an organ whose handlers emit in every form with a delay.
//
//necro:organ alarm maxhops=3
type Alarm struct{}

// Set emits by all three forms.
//
//necro:handle
func (Alarm) Set(_ context.Context, p *Placed, plain necro.Emit[Paid], emit necro.Emit[necro.Out[Paid]]) (necro.Out[Rung], []necro.Out[Flagged], error) {
	plain(Paid{"plain"})
	emit(necro.Out[Paid]{Event: &Paid{"later"}, After: time.Minute})
	emit(necro.Out[Paid]{})
	flags := []necro.Out[Flagged]{{Event: &Flagged{p.ID}, Key: "k", Headers: map[string]string{"h": "v"}}, {}}
	return necro.Out[Rung]{Event: &Rung{p.Amount}, After: time.Hour}, flags, nil
}

// Ring rings, and sets the alarm again.
//
//necro:handle
func (Alarm) Ring(_ context.Context, r Rung) necro.Out[Rung] {
	if r.Left == 0 {
		return necro.Out[Rung]{}
	}
	return necro.Out[Rung]{Event: &Rung{r.Left - 1}, After: time.Hour}
}

// TestOuts: Feed tells what a handler says beside its emissions.
func TestOuts(t *testing.T) {
	fed := necrotest.Feed(t, &Alarm{}, &Placed{"a", 7})
	if fed.Err != nil {
		t.Fatal(fed.Err)
	}
	rung := necrotest.Outs[Rung](fed)
	if len(rung) != 1 || rung[0].Event.Left != 7 || rung[0].After != time.Hour {
		t.Errorf("rung: %+v", rung)
	}
	flagged := necrotest.Outs[Flagged](fed)
	if len(flagged) != 1 || flagged[0].After != 0 || flagged[0].Key != "k" || !maps.Equal(flagged[0].Headers, map[string]string{"h": "v"}) {
		t.Errorf("flagged: %+v", flagged)
	}
	paid := necrotest.Outs[Paid](fed)
	if len(paid) != 2 || paid[0].Event.ID != "plain" || paid[0].After != 0 || paid[1].Event.ID != "later" || paid[1].After != time.Minute {
		t.Errorf("paid: %+v", paid)
	}
	if n := len(necrotest.Emitted[Rung](fed)); n != 1 {
		t.Errorf("%d events of a delayed type are emitted, want 1", n)
	}
}

// TestAlarmRingsOn: it rings more often than its chain may have hops, each time after exactly an hour.
func TestAlarmRingsOn(t *testing.T) {
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(&Placed{"a", 5})
		k.Advance(24 * time.Hour)
		calls := k.Calls("alarm")
		if len(calls) != 7 {
			t.Fatalf("%d calls, want 7", len(calls))
		}
		for n, c := range calls {
			if c.After != time.Duration(n)*time.Hour || c.Hops != 0 {
				t.Errorf("call %d came after %s, at hop %d", n, c.After, c.Hops)
			}
		}
	}, necro.WithOrgans(&Alarm{}))
}

// TestExhaustDelays: with one fault at each call of the backend, delayed events come once and with the same ids.
func TestExhaustDelays(t *testing.T) {
	necrotest.Exhaust(t, func(w *necrotest.World) {
		w.Organs = func() []contract.Organ { return []contract.Organ{&Alarm{}, &Books{}} }
	}, &Placed{"a", 2})
}
