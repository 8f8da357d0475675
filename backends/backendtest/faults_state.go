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

// diaryKeys is how many keys the events of a trial with state have.
const diaryKeys = 5

func diaryKey(n int64) string { return "key " + strconv.FormatInt(n%diaryKeys, 10) }

// diaryOrgans are the keeper of diaries, and an organ that handles its events.
func (t *trial) diaryOrgans() []contract.Organ {
	policy := t.e.policy()
	policy.Retry, policy.Timeout, policy.Concurrency = 1000, t.e.units(20), 2
	kept := policy
	kept.Lanes = t.lanes
	return organs(
		keeper(kept, func(ctx context.Context, _ *eventA) error { return t.makeTrouble(ctx) }),
		newOrgan("left", policy, on(func(ctx context.Context, _ *eventB, _ emit) error { return t.makeTrouble(ctx) })),
	)
}

// stateIsTheFold runs an organ with state by processes that die and stall, over a backend that fails. In the end each key has
// the numbers of its events, each once and in the order in which they were published, and each number was emitted once.
func stateIsTheFold(e *env) { newTrial(e).foldStates() }

// stateWithLanesIsTheFold is the same where the processes share the keys.
func stateWithLanesIsTheFold(e *env) {
	t := newTrial(e)
	if !keepsLanes(t.b) {
		e.Skip("the backend keeps no lanes")
	}
	t.lanes = 4
	t.foldStates()
}

func (t *trial) foldStates() {
	e := t.e
	states := e.states(t.b)
	t.build, t.keyOf = t.diaryOrgans, diaryKey
	t.spare = []Bite{{OpFetch, LostReply}} // the consumer itself finds the deliveries of a lost reply
	t.run()
	events, _ := t.size()
	givenUp := map[int64]bool{} // a process died with it three times
	for s := range t.records.givenUp {
		n, err := strconv.ParseInt(strings.TrimSuffix(s.path, "/b"), 10, 64)
		e.ok(err, "parse a path")
		givenUp[n] = givenUp[n] || s.organ == "keeper"
	}
	for key := range int64(diaryKeys) {
		var want []string
		for n := key; n < int64(events); n += diaryKeys {
			if !givenUp[n] {
				want = append(want, strconv.FormatInt(n, 10))
			}
		}
		records, err := states.LoadStates(e.ctx, "keeper", []string{diaryKey(key)})
		e.ok(err, "load")
		var d diary
		if records[0].Mark != 0 {
			_, err = d.ReadMsgpack(records[0].Value)
			e.ok(err, "read the state")
		}
		if got := strings.Fields(d.numbers); !slices.Equal(got, want) {
			e.Errorf("seed %d: %s has %v, want %v", t.seed, diaryKey(key), got, want)
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
