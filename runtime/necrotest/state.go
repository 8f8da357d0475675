package necrotest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// FeedState is [Feed] for an organ that keeps state: before the event, it stores the state under the event's key. What the
// handler made of it is told by [Fed.State].
func FeedState(t testing.TB, organ necro.Organ, state contract.State, e necro.Event, options ...necro.Option) *Fed {
	t.Helper()
	return feed(t, organ, state, e, options)
}

// State reads what the organ keeps for the key of the event now into a state, and reports false when there is no record.
//
//	var order Order
//	if !fed.State(&order) || !order.Paid {
//		t.Error("the order is not paid")
//	}
func (f *Fed) State(into contract.State) (found bool) {
	f.t.Helper()
	return readState(f.t, f.r, f.organ, f.key, into)
}

// State reads what an organ keeps for a key into a state, and reports false when there is no record: the state is a zero
// value then. For all keys there is [necro.Range].
func (k *Kit) State(key string, into contract.State) (found bool) {
	k.t.Helper()
	organ := into.NecroState().Organ
	if organ == "" {
		k.t.Fatalf("necrotest: nothing says which organ keeps the state %s: declare it in the package of its organ, or use necro.Load", into.NecroState().Name)
	}
	return readState(k.t, k.r, organ, key, into)
}

// readState fills a state from the record of a key.
func readState(t testing.TB, r *recorder, organ, key string, into contract.State) (found bool) {
	t.Helper()
	records, err := r.LoadStates(context.Background(), organ, []string{key})
	var s contract.State
	if err == nil {
		s, err = engine.DecodeState(into.NecroState(), records[0])
	}
	var value []byte
	if err == nil {
		value, err = s.AppendMsgpack(nil)
	}
	if err == nil {
		_, err = into.ReadMsgpack(value)
	}
	if err != nil {
		t.Fatalf("necrotest: the state of key %q: %v", key, err)
	}
	return records[0].Mark != 0
}

// plantState stores a state under a key of an organ, as a step does that handled an event.
func plantState(b *memory.Backend, spec contract.OrganSpec, key string, state contract.State, e necro.Event) error {
	if spec.State == nil || state.NecroState() != spec.State {
		return fmt.Errorf("the organ %s does not keep the state %s", spec.Name, state.NecroState().Name)
	}
	value, err := state.AppendMsgpack(nil)
	if err := errors.Join(err, state.Validate()); err != nil {
		return err
	}
	ctx := context.Background()
	consumers, err := b.Subscribe(ctx, []contract.Subscription{{
		Organ: spec.Name, Path: spec.Path, Events: []*contract.EventType{e.NecroEvent()}, State: true, Lease: contract.DefaultLease,
	}})
	if err != nil {
		return err
	}
	defer consumers[0].Close()
	if _, err := b.Publish(ctx, []contract.Message{{ID: contract.NewID(), Type: e.NecroEvent(), Event: e, Key: key}}, contract.PublishOptions{}); err != nil {
		return err
	}
	ds, err := consumers[0].Fetch(ctx, 1)
	if err != nil {
		return err
	}
	write := &contract.StateWrite{Write: 1, Version: spec.State.Version, Value: value, TTL: spec.State.TTL}
	_, err = consumers[0].Settle(ctx, []contract.Outcome{{Delivery: &ds[0], State: write}})
	return err
}
