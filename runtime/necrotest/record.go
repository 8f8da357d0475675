package necrotest

import (
	"context"
	"sync"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// recorder is a memory backend that remembers the events that were stored by Publish, by Fire, and by the
// outcomes that Settle applied.
type recorder struct {
	*memory.Backend

	mu     sync.Mutex
	stored []necro.Message
}

func (r *recorder) Publish(ctx context.Context, msgs []necro.Message, options contract.PublishOptions) (contract.Duplicates, error) {
	duplicates, err := r.Backend.Publish(ctx, msgs, options)
	if err == nil {
		r.recordMessages(withoutDuplicates(msgs, duplicates))
	}
	return duplicates, err
}

// Fire remembers the ticks that it stored.
func (r *recorder) Fire(ctx context.Context, f contract.Firing) (contract.ScheduleState, error) {
	state, err := r.Backend.Fire(ctx, f)
	if state.Fired {
		r.recordMessages(f.Ticks)
	}
	return state, err
}

// PublishOne is here so that what the spine publishes goes through Publish.
func (r *recorder) PublishOne(ctx context.Context, m necro.Message, options contract.PublishOptions) (bool, error) {
	duplicates, err := r.Publish(ctx, []necro.Message{m}, options)
	return duplicates.Has(0), err
}

// withoutDuplicates returns the messages that were stored.
func withoutDuplicates(msgs []necro.Message, duplicates contract.Duplicates) (stored []necro.Message) {
	if duplicates == nil {
		return msgs
	}
	for i := range msgs {
		if !duplicates.Has(i) {
			stored = append(stored, msgs[i])
		}
	}
	return stored
}

func (r *recorder) recordMessages(msgs []necro.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range msgs {
		m.Payload = nil // it was lent for the call
		r.stored = append(r.stored, m)
	}
}

func (r *recorder) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	consumers, err := r.Backend.Subscribe(ctx, subs)
	for i, c := range consumers {
		consumers[i] = &recordingConsumer{c, r}
	}
	return consumers, err
}

type recordingConsumer struct {
	contract.Consumer
	r *recorder
}

func (c *recordingConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	results, err := c.Consumer.Settle(ctx, outcomes)
	if err != nil {
		return results, err
	}
	for i := range outcomes {
		if results.IsApplied(i) && outcomes[i].Kind == contract.OutcomeAck {
			c.r.recordMessages(outcomes[i].Emit)
		}
	}
	return results, nil
}

// event is what the pointer type of an event struct implements.
type event[X any] interface {
	*X
	necro.Event
}

// eventsOf returns the stored events of one type, of those that keep accepts.
func eventsOf[X any, P event[X]](r *recorder, keep func(*necro.Message) bool) []*X {
	var list []*X
	for _, m := range r.all(keep) {
		if e, ok := m.Event.(P); ok {
			list = append(list, (*X)(e))
		}
	}
	return list
}

// all returns the stored messages that keep accepts.
func (r *recorder) all(keep func(*necro.Message) bool) (list []necro.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.stored {
		if keep(&r.stored[i]) {
			list = append(list, r.stored[i])
		}
	}
	return list
}
