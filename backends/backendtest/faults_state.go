package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// ledger is the state of the organ of that name: the numbers of the events that it handled, in order.
type ledger struct{ numbers string }

var ledgerType = contract.StateType{Name: "LEDGER", Organ: "ledger", Version: 1, New: func() contract.State { return new(ledger) }}

func (*ledger) NecroState() *contract.StateType { return &ledgerType }

func (*ledger) Validate() error { return nil }

func (l *ledger) AppendMsgpack(b []byte) ([]byte, error) { return appendText(b, l.numbers), nil }

func (l *ledger) ReadMsgpack(b []byte) (rest []byte, err error) {
	l.numbers, rest, err = readText(b)
	return rest, err
}

// ledgerKeys is how many keys the events of a trial with state have.
const ledgerKeys = 5

func ledgerKey(n int64) string { return "key " + strconv.FormatInt(n%ledgerKeys, 10) }

// ledgerOrgans are an organ with state that writes down what it handles and emits one event for each, and one that handles
// these.
func (t *trial) ledgerOrgans() []contract.Organ {
	policy := t.e.policy()
	policy.Retry, policy.Timeout, policy.Concurrency = 1000, t.e.units(20), 2
	write := on[kindA](nil, typeB)
	write.State = true
	write.Handle = func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
		a, l := ev.(*eventA), out.State.(*ledger)
		l.numbers += strconv.FormatInt(a.N, 10) + " "
		out.Add(&eventB{N: a.N, Text: a.Text + "/b"})
		return t.makeTrouble(ctx)
	}
	return []contract.Organ{
		&statefulOrgan{newOrgan("ledger", policy, write), &ledgerType},
		newOrgan("left", policy, on(func(ctx context.Context, _ *eventB, _ emit) error { return t.makeTrouble(ctx) })),
	}
}

// statefulOrgan is an organ with a state.
type statefulOrgan struct {
	contract.Organ
	state *contract.StateType
}

func (o *statefulOrgan) NecroOrgan() contract.OrganSpec {
	spec := o.Organ.NecroOrgan()
	spec.State = o.state
	return spec
}

// stateIsTheFold runs an organ with state by processes that die and stall, over a backend that fails. In the end each key has
// the numbers of its events, each once and in the order in which they were published, and each number was emitted once.
func stateIsTheFold(e *env) {
	t := newTrial(e)
	states := e.states(t.b)
	t.build, t.keyOf = t.ledgerOrgans, ledgerKey
	t.spare = []Bite{{OpFetch, LostReply}} // a consumer finds by itself what it has fetched and lost
	t.run()
	events, _ := t.size()
	givenUp := map[int64]bool{} // a process died with it three times
	for s := range t.records.givenUp {
		n, err := strconv.ParseInt(strings.TrimSuffix(s.path, "/b"), 10, 64)
		e.ok(err, "parse a path")
		givenUp[n] = givenUp[n] || s.organ == "ledger"
	}
	for key := range int64(ledgerKeys) {
		var want []string
		for n := key; n < int64(events); n += ledgerKeys {
			if !givenUp[n] {
				want = append(want, strconv.FormatInt(n, 10))
			}
		}
		records, err := states.LoadStates(e.ctx, "ledger", []string{ledgerKey(key)})
		e.ok(err, "load")
		var l ledger
		if records[0].Mark != 0 {
			_, err = l.ReadMsgpack(records[0].Value)
			e.ok(err, "read the state")
		}
		if got := strings.Fields(l.numbers); !slices.Equal(got, want) {
			e.Errorf("seed %d: %s has %v, want %v", t.seed, ledgerKey(key), got, want)
		}
	}
	for n := range int64(events) {
		s := step{"left", fmt.Sprint(n, "/b")}
		if got := t.records.settled[s]; got > 1 || got == 0 && !t.records.uncertain[s] && !givenUp[n] {
			e.Errorf("seed %d: what event %d emitted was settled %d times", t.seed, n, got)
		}
	}
}

// A spine looks for the methods of the wrapped backend.
var _ contract.StatefulBackend = &wrapped{}

// LoadStates passes the call on.
func (w *wrapped) LoadStates(ctx context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	if s, ok := w.Backend.(contract.StatefulBackend); ok {
		return s.LoadStates(ctx, organ, keys)
	}
	return nil, necro.Permanent(fmt.Errorf("load states of %s: the real backend keeps none", organ))
}

// RangeStates passes the call on.
func (w *wrapped) RangeStates(ctx context.Context, organ, after string, limit int) ([]contract.KeyedState, string, error) {
	if s, ok := w.Backend.(contract.StatefulBackend); ok {
		return s.RangeStates(ctx, organ, after, limit)
	}
	return nil, "", necro.Permanent(fmt.Errorf("range over states of %s: the real backend keeps none", organ))
}
