package backendtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// ErrInjected is the error of every injected fault.
var ErrInjected = errors.New("backendtest: injected fault")

// Op is a call of the seam.
type Op string

// The calls that faults are injected at.
const (
	OpPublish   Op = "publish"
	OpSubscribe Op = "subscribe"
	OpHealth    Op = "health"
	OpFetch     Op = "fetch"
	OpSettle    Op = "settle"
	OpExtend    Op = "extend"
	OpRelease   Op = "release"
	OpFiredUpTo Op = "fired up to"
	OpFire      Op = "fire"
	OpTake      Op = "take tokens"
	OpLoad      Op = "load"
	OpRange     Op = "range"
)

// Fault is how a call goes wrong.
type Fault string

const (
	// Refused is an error before the call had an effect.
	Refused Fault = "refused"
	// LostReply is an error after the call had its effect.
	LostReply Fault = "lost reply"
	// Cancelled hands the call a context that is done.
	Cancelled Fault = "cancelled"
	// Delayed lets the call wait for up to Plan.Delay first.
	Delayed Fault = "delayed"
)

// Plan says which calls fail. The zero Plan lets all of them pass.
type Plan struct {
	// Seed makes the choice repeatable, as far as the order of calls is.
	Seed uint64
	// Rate is the share of calls that a fault strikes, from 0 to 1, each fault as often.
	Rate float64
	// Delay bounds a delay.
	Delay time.Duration
	// Spare are faults that the plan does not choose.
	Spare []Bite
}

// Bite names a fault at a call.
type Bite struct {
	Op    Op
	Fault Fault
}

// Faulty wraps a backend, as one process sees it over a bad network: its calls fail as
// planned, and it can be killed. The backend behind it stays sound, so that a test
// can look at it directly. It is safe for concurrent use.
//
//	faults strike ----> Heal: none does ----> Kill (from either state): no call has an effect
//
// Invariant: a fault is in bites only if the test could see it, so that a test which wants its faults to
// have struck cannot be green without them.
type Faulty struct {
	inner contract.Backend // never changes
	plan  Plan             // never changes

	mu        sync.Mutex // guards the fields below; no call of inner runs under it
	rng       *rand.Rand
	healed    bool
	killed    bool
	stalled   time.Time      // calls wait until then
	next      map[Op][]Fault // strike before the plan
	bites     map[Bite]int
	consumers []contract.Consumer // open ones, which Kill closes
}

// NewFaulty wraps a backend.
func NewFaulty(b contract.Backend, plan Plan) *Faulty {
	return &Faulty{
		inner: b, plan: plan,
		rng:   rand.New(rand.NewPCG(plan.Seed, 1)),
		next:  map[Op][]Fault{},
		bites: map[Bite]int{},
	}
}

// Next lets these faults strike the next calls of op, before the planned faults. An empty
// fault lets a call pass.
func (f *Faulty) Next(op Op, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next[op] = append(f.next[op], faults...)
}

// Heal ends all faults, those that Next asked for included.
func (f *Faulty) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.healed = true
	clear(f.next)
}

// Stall lets every call that begins from now on wait until d has passed, as when the
// process was stopped: leases run out meanwhile.
func (f *Faulty) Stall(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stalled = time.Now().Add(d)
}

// Kill is the sudden death of the process, as the backend sees it: its consumers are gone with their
// leases, and no later call has an effect.
func (f *Faulty) Kill() {
	f.mu.Lock()
	f.killed = true
	consumers := f.consumers
	f.consumers = nil
	f.mu.Unlock()
	for _, c := range consumers {
		c.Close()
	}
}

// Bites tells how often each fault struck. A lost reply counts only where the call had
// an effect, since only then a repetition can do harm.
func (f *Faulty) Bites() map[Bite]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make(map[Bite]int, len(f.bites))
	for b, n := range f.bites {
		out[b] = n
	}
	return out
}

// chooseFault returns what strikes this call, and how long it waits.
func (f *Faulty) chooseFault(op Op) (fault Fault, wait time.Duration, killed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait = max(0, time.Until(f.stalled))
	if queue := f.next[op]; len(queue) > 0 {
		f.next[op] = queue[1:]
		fault = queue[0]
	} else if !f.healed && f.rng.Float64() < f.plan.Rate {
		fault = [...]Fault{Refused, LostReply, Cancelled, Delayed}[f.rng.IntN(4)]
		if slices.Contains(f.plan.Spare, Bite{op, fault}) {
			fault = ""
		}
	}
	if fault == Delayed && f.plan.Delay > 0 {
		wait += time.Duration(f.rng.Int64N(int64(f.plan.Delay)))
	}
	return fault, wait, f.killed
}

func (f *Faulty) countBite(op Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bites[Bite{op, fault}]++
}

// doCall makes one call. call reports whether it had an effect.
func (f *Faulty) doCall(ctx context.Context, op Op, call func(context.Context) (bool, error)) error {
	fault, wait, killed := f.chooseFault(op)
	if killed {
		return ErrInjected
	}
	if wait > 0 {
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
	switch fault {
	case Refused:
		f.countBite(op, fault)
		return ErrInjected
	case Cancelled:
		done, cancel := context.WithCancel(ctx)
		cancel()
		f.countBite(op, fault)
		_, err := call(done)
		return err
	case LostReply:
		effect, err := call(ctx)
		if err == nil && effect {
			f.countBite(op, fault)
			return ErrInjected
		}
		return err
	case Delayed:
		f.countBite(op, fault)
	}
	_, err := call(ctx)
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// KeepsUnique answers for the backend.
func (f *Faulty) KeepsUnique() bool {
	u, ok := f.inner.(contract.UniqueBackend)
	return ok && u.KeepsUnique()
}

// KeepsLanes answers for the backend.
func (f *Faulty) KeepsLanes() bool { return keepsLanes(f.inner) }

// NeedsPayload answers for the backend.
func (f *Faulty) NeedsPayload() bool { return needsPayload(f.inner) }

func needsPayload(b contract.Backend) bool {
	p, ok := b.(contract.PayloadBackend)
	return ok && p.NeedsPayload()
}

// Publish is the backend's, unless a fault strikes.
func (f *Faulty) Publish(ctx context.Context, msgs []contract.Message, options contract.PublishOptions) (duplicates contract.Duplicates, err error) {
	err = f.doCall(ctx, OpPublish, func(ctx context.Context) (bool, error) {
		var err error
		duplicates, err = f.inner.Publish(ctx, msgs, options)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return duplicates, nil
}

// Subscribe is the backend's, unless a fault strikes. Consumers whose reply was lost live on
// until the process is killed.
func (f *Faulty) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	var out []contract.Consumer
	err := f.doCall(ctx, OpSubscribe, func(ctx context.Context) (bool, error) {
		consumers, err := f.inner.Subscribe(ctx, subs)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.consumers = append(f.consumers, consumers...)
		for _, c := range consumers {
			out = append(out, &faultyConsumer{f, c})
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Health is the backend's, unless a fault strikes.
func (f *Faulty) Health(ctx context.Context) (h contract.Health) {
	err := f.doCall(ctx, OpHealth, func(ctx context.Context) (bool, error) {
		h = f.inner.Health(ctx)
		return true, h.Err
	})
	if err != nil {
		return contract.Health{Err: err}
	}
	return h
}

// FiredUpTo is the backend's, unless a fault strikes. The backend must keep schedules.
func (f *Faulty) FiredUpTo(ctx context.Context, schedule string, claim contract.ScheduleClaim) (state contract.ScheduleState, err error) {
	err = f.doCall(ctx, OpFiredUpTo, func(ctx context.Context) (bool, error) {
		var err error
		state, err = f.inner.(contract.TickingBackend).FiredUpTo(ctx, schedule, claim)
		return true, err
	})
	return state, err
}

// Fire is the backend's, unless a fault strikes. The backend must keep schedules.
func (f *Faulty) Fire(ctx context.Context, firing contract.Firing) (state contract.ScheduleState, err error) {
	err = f.doCall(ctx, OpFire, func(ctx context.Context) (bool, error) {
		var err error
		state, err = f.inner.(contract.TickingBackend).Fire(ctx, firing)
		return state.Fired, err
	})
	return state, err
}

// Schedules is the backend's, and no fault strikes it. The backend must keep schedules.
func (f *Faulty) Schedules(ctx context.Context) ([]contract.ScheduleRecord, error) {
	return f.inner.(contract.TickingBackend).Schedules(ctx)
}

// TakeTokens is the backend's, unless a fault strikes. The backend must keep rates.
func (f *Faulty) TakeTokens(ctx context.Context, organ string, r contract.Rate, n int) (taken int, wait time.Duration, err error) {
	err = f.doCall(ctx, OpTake, func(ctx context.Context) (bool, error) {
		var err error
		taken, wait, err = f.inner.(contract.RatingBackend).TakeTokens(ctx, organ, r, n)
		return taken > 0, err
	})
	if err != nil {
		return 0, 0, err
	}
	return taken, wait, nil
}

// errNoStates is the error of a backend that keeps no states.
var errNoStates = errors.New("backendtest: the backend keeps no states")

// LoadStates is the backend's, unless a fault strikes.
func (f *Faulty) LoadStates(ctx context.Context, organ string, keys []string) (records []contract.StateRecord, err error) {
	err = f.doCall(ctx, OpLoad, func(ctx context.Context) (bool, error) {
		var err error
		if s, ok := f.inner.(contract.StatefulBackend); ok {
			records, err = s.LoadStates(ctx, organ, keys)
			return true, err
		}
		return false, errNoStates
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// RangeStates is the backend's, unless a fault strikes.
func (f *Faulty) RangeStates(ctx context.Context, organ, after string, limit int) (page []contract.KeyedState, next string, err error) {
	err = f.doCall(ctx, OpRange, func(ctx context.Context) (bool, error) {
		var err error
		if s, ok := f.inner.(contract.StatefulBackend); ok {
			page, next, err = s.RangeStates(ctx, organ, after, limit)
			return true, err
		}
		return false, errNoStates
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// Close closes the backend. No fault strikes it.
func (f *Faulty) Close() error { return f.inner.Close() }

type faultyConsumer struct {
	f     *Faulty
	inner contract.Consumer
}

func (c *faultyConsumer) Fetch(ctx context.Context, limit int) (ds []contract.Delivery, err error) {
	err = c.f.doCall(ctx, OpFetch, func(ctx context.Context) (bool, error) {
		var err error
		ds, err = c.inner.Fetch(ctx, limit)
		return len(ds) > 0, err
	})
	if err != nil {
		return nil, err
	}
	return ds, nil
}

func (c *faultyConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (results contract.Results, err error) {
	err = c.f.doCall(ctx, OpSettle, func(ctx context.Context) (bool, error) {
		var err error
		results, err = c.inner.Settle(ctx, outcomes)
		return results == nil || slices.Contains(results, contract.ResultApplied), err
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func (c *faultyConsumer) Extend(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	err = c.f.doCall(ctx, OpExtend, func(ctx context.Context) (bool, error) {
		var err error
		lost, err = c.inner.Extend(ctx, ds)
		return len(lost) < len(ds), err
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

func (c *faultyConsumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	return c.f.doCall(ctx, OpRelease, func(ctx context.Context) (bool, error) {
		return len(ds) > 0, c.inner.Release(ctx, ds)
	})
}

// Close closes the consumer. No fault strikes it.
func (c *faultyConsumer) Close() error { return c.inner.Close() }
