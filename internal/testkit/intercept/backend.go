package intercept

import (
	"context"
	"errors"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Backend is a real backend with the functions of a test in front of it.
type Backend struct {
	necro.Backend
	calls *Calls
}

// New returns a backend that passes to real what calls has no function for.
func New(real necro.Backend, calls Calls) *Backend { return &Backend{real, &calls} }

func (b *Backend) Publish(ctx context.Context, msgs []necro.Message, options contract.PublishOptions) (contract.Duplicates, error) {
	if b.calls.Publish != nil {
		return b.calls.Publish(ctx, b.Backend, msgs, options)
	}
	return b.Backend.Publish(ctx, msgs, options)
}

// PublishOne takes the real backend's path for one message where there is one.
func (b *Backend) PublishOne(ctx context.Context, m necro.Message, options contract.PublishOptions) (bool, error) {
	one, ok := b.Backend.(contract.OnePublisher)
	if b.calls.Publish != nil || !ok {
		duplicates, err := b.Publish(ctx, []necro.Message{m}, options)
		return duplicates.Has(0), err
	}
	return one.PublishOne(ctx, m, options)
}

// KeepsUnique is false for a backend that does not say.
func (b *Backend) KeepsUnique() bool {
	u, ok := b.Backend.(contract.UniqueBackend)
	return ok && u.KeepsUnique()
}

// KeepsLanes is false for a backend that does not say.
func (b *Backend) KeepsLanes() bool {
	l, ok := b.Backend.(contract.LaneBackend)
	return ok && l.KeepsLanes()
}

// NeedsPayload is false for a backend that does not say.
func (b *Backend) NeedsPayload() bool {
	p, ok := b.Backend.(contract.PayloadBackend)
	return ok && p.NeedsPayload()
}

// Fullness is 0, as of a backend without a limit, for one that does not say.
func (b *Backend) Fullness(ctx context.Context) (float64, error) {
	if r, ok := b.Backend.(contract.FullnessReporter); ok {
		return r.Fullness(ctx)
	}
	return 0, nil
}

// Cancel is an error of a backend that keeps no delayed events.
func (b *Backend) Cancel(ctx context.Context, id necro.ID) (bool, error) {
	if d, ok := b.Backend.(contract.DelayingBackend); ok {
		return d.Cancel(ctx, id)
	}
	return false, errors.New("cancel: the real backend keeps no delayed events")
}

// errNoSchedules is the error of a backend that keeps no schedules.
var errNoSchedules = errors.New("the real backend keeps no schedules")

// FiredUpTo is an error of a backend that keeps no schedules.
func (b *Backend) FiredUpTo(ctx context.Context, schedule string, claim contract.ScheduleClaim) (contract.ScheduleState, error) {
	if t, ok := b.Backend.(contract.TickingBackend); ok {
		return t.FiredUpTo(ctx, schedule, claim)
	}
	return contract.ScheduleState{}, errNoSchedules
}

// Fire is an error of a backend that keeps no schedules.
func (b *Backend) Fire(ctx context.Context, f contract.Firing) (contract.ScheduleState, error) {
	if t, ok := b.Backend.(contract.TickingBackend); ok {
		return t.Fire(ctx, f)
	}
	return contract.ScheduleState{}, errNoSchedules
}

// Schedules is an error of a backend that keeps no schedules.
func (b *Backend) Schedules(ctx context.Context) ([]contract.ScheduleRecord, error) {
	if t, ok := b.Backend.(contract.TickingBackend); ok {
		return t.Schedules(ctx)
	}
	return nil, errNoSchedules
}

// errNoStates is the error of a backend that keeps no states.
var errNoStates = errors.New("the real backend keeps no states")

// LoadStates is an error of a backend that keeps no states.
func (b *Backend) LoadStates(ctx context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	s, ok := b.Backend.(contract.StatefulBackend)
	switch {
	case !ok:
		return nil, errNoStates
	case b.calls.LoadStates != nil:
		return b.calls.LoadStates(ctx, s, organ, keys)
	}
	return s.LoadStates(ctx, organ, keys)
}

// RangeStates is an error of a backend that keeps no states.
func (b *Backend) RangeStates(ctx context.Context, organ, after string, limit int) ([]contract.KeyedState, string, error) {
	if s, ok := b.Backend.(contract.StatefulBackend); ok {
		return s.RangeStates(ctx, organ, after, limit)
	}
	return nil, "", errNoStates
}

func (b *Backend) Health(ctx context.Context) contract.Health {
	if b.calls.Health != nil {
		return b.calls.Health(ctx, b.Backend)
	}
	return b.Backend.Health(ctx)
}

// Subscribe puts the test's functions in front of all consumers.
func (b *Backend) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	subscribe := b.Backend.Subscribe
	if b.calls.Subscribe != nil {
		subscribe = func(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
			return b.calls.Subscribe(ctx, b.Backend, subs)
		}
	}
	consumers, err := subscribe(ctx, subs)
	for i := range consumers {
		consumers[i] = &consumer{consumers[i], b.calls}
	}
	return consumers, err
}

// TakeTokens is an error of a backend that keeps no rates.
func (b *Backend) TakeTokens(ctx context.Context, organ string, r contract.Rate, n int) (taken int, wait time.Duration, err error) {
	if t, ok := b.Backend.(contract.RatingBackend); ok {
		return t.TakeTokens(ctx, organ, r, n)
	}
	return 0, 0, errors.New("take tokens: the real backend keeps no rates")
}
