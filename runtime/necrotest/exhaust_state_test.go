package necrotest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
	"github.com/necrostack/necrogen/runtime/wire"
)

// Booking is an event for an account. It is written by hand, like the state of the organ that handles it.
type Booking struct {
	Account string
	Amount  int64
}

var bookingType = contract.EventType{
	Name: "BOOKING", Version: 1,
	New: func() contract.Event { return new(Booking) },
	Is:  func(e contract.Event) bool { b, ok := e.(*Booking); return ok && b != nil },
	Key: func(e contract.Event) string { return e.(*Booking).Account },
}

func (b *Booking) NecroEvent() *contract.EventType { return &bookingType }

func (b *Booking) Validate() error { return nil }

func (b *Booking) AppendMsgpack(out []byte) ([]byte, error) {
	return wire.AppendInt64(wire.AppendString(out, b.Account), b.Amount), nil
}

func (b *Booking) ReadMsgpack(in []byte) ([]byte, error) {
	all := wire.Copy(in)
	rest, err := wire.ReadString(all, &b.Account)
	if err == nil {
		rest, err = wire.ReadInt64(rest, &b.Amount)
	}
	return wire.Rest(in, all, rest, err)
}

// Account is what the organ of these tests keeps.
type Account struct{ Sum int64 }

var accountType = contract.StateType{
	Name: "ACCOUNT", Organ: "necrotest.accounts", Version: 1, New: func() contract.State { return new(Account) },
}

func (a *Account) NecroState() *contract.StateType { return &accountType }

func (a *Account) Validate() error { return nil }

func (a *Account) AppendMsgpack(out []byte) ([]byte, error) { return wire.AppendInt64(out, a.Sum), nil }

func (a *Account) ReadMsgpack(in []byte) ([]byte, error) {
	all := wire.Copy(in)
	rest, err := wire.ReadInt64(all, &a.Sum)
	return wire.Rest(in, all, rest, err)
}

// Accounts keeps accounts. What it adds to one is up to adds, and it refuses an amount of 13 for good, and 14 at first. An
// amount of 0 closes the account.
type Accounts struct {
	adds func(id necro.ID, amount int64) int64
}

func (o *Accounts) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "necrotest.accounts", Path: "example.com/accounts", State: &accountType, Routes: []contract.Route{{
		Event: &bookingType, Method: "Book", State: true,
		Handle: func(ctx context.Context, e contract.Event, out *contract.Emissions) error {
			meta, _ := necro.MetaFrom(ctx)
			account, amount := out.State.(*Account), e.(*Booking).Amount
			account.Sum += o.adds(meta.ID, amount)
			out.Ends = amount == 0
			switch {
			case amount == 13:
				return necro.Permanent(fmt.Errorf("unlucky"))
			case amount == 14 && meta.Attempt < 2:
				return fmt.Errorf("not now")
			}
			return nil
		},
	}}}
}

// booked returns events of two accounts, whose last one closes the second.
func booked() (events []necro.Event) {
	for amount := range int64(6) {
		events = append(events, &Booking{"first", 10 + amount}, &Booking{"second", 10 + amount})
	}
	return append(events, &Booking{"second", 0})
}

// TestExhaustKnowsState has organs with state: one that is right, and others that keep what a repeat or a crash makes another
// one.
func TestExhaustKnowsState(t *testing.T) {
	for _, test := range []struct {
		name string
		adds func() func(necro.ID, int64) int64 // made at every start of the program
		want []string                           // nil for no finding
	}{
		{"right", func() func(necro.ID, int64) int64 {
			return func(_ necro.ID, amount int64) int64 { return amount }
		}, nil},
		{"the clock", func() func(necro.ID, int64) int64 {
			return func(necro.ID, int64) int64 { return time.Now().UnixNano() }
		}, []string{"handler Book of necrotest.accounts keeps something else when it is called again", "keeps ACCOUNT {\"Sum\":"}},
		{"a count that a crash forgets", func() func(necro.ID, int64) int64 {
			numbers := map[necro.ID]int64{}
			return func(id necro.ID, _ int64) int64 {
				if numbers[id] == 0 {
					numbers[id] = int64(len(numbers) + 1)
				}
				return numbers[id]
			}
		}, []string{"state of necrotest.accounts for key \"first\": ACCOUNT {\"Sum\":", "instead of: ACCOUNT {\"Sum\":"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := exhaust(t, "", func(w *necrotest.World) {
				w.Organs = func() []necro.Organ { return []necro.Organ{&Accounts{test.adds()}} }
			}, booked()...)
			said := strings.Join(j.errors, "\n")
			for _, want := range test.want {
				if !strings.Contains(said, want) {
					t.Errorf("not reported: %q", want)
				}
			}
			if logs := strings.Join(j.logs, "\n"); test.want == nil && (said != "" || !strings.Contains(logs, "load ")) {
				t.Errorf("nothing is wrong, and no call of load is known, or something is reported:\n%s", logs)
			}
			if t.Failed() {
				t.Logf("reported:\n%s\n%s", said, strings.Join(j.logs, "\n"))
			}
		})
	}
}
