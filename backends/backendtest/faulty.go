package backendtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
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
)

// Fault is what goes wrong with a call.
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
}

// Bite names a fault at a call.
type Bite struct {
	Op    Op
	Fault Fault
}

// Faulty wraps a backend, as one process sees it over a bad network: its calls fail as
// planned, and it can be killed. What lies behind it stays sound, so that it can be looked
// at directly. It is safe for concurrent use.
type Faulty struct {
	inner necro.Backend
	plan  Plan

	mu        sync.Mutex
	rng       *rand.Rand
	healed    bool
	killed    bool
	stalled   time.Time // calls wait until then
	next      map[Op][]Fault
	bites     map[Bite]int
	consumers []necro.Consumer
}

// NewFaulty wraps a backend.
func NewFaulty(b necro.Backend, plan Plan) *Faulty {
	return &Faulty{
		inner: b, plan: plan,
		rng:   rand.New(rand.NewPCG(plan.Seed, 1)),
		next:  map[Op][]Fault{},
		bites: map[Bite]int{},
	}
}

// Next lets these faults strike the next calls of op, before what is planned. An empty
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

// Kill is the sudden death of the process, as the backend sees it: its consumers are gone
// with what they hold, and no later call has an effect.
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

// Bites tells how often each fault struck. A lost reply counts only where the call had an
// effect, so that what is counted did bite.
func (f *Faulty) Bites() map[Bite]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make(map[Bite]int, len(f.bites))
	for b, n := range f.bites {
		out[b] = n
	}
	return out
}

// choose returns what strikes this call, and how long it waits.
func (f *Faulty) choose(op Op) (fault Fault, wait time.Duration, killed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait = max(0, time.Until(f.stalled))
	if queue := f.next[op]; len(queue) > 0 {
		f.next[op] = queue[1:]
		fault = queue[0]
	} else if !f.healed && f.rng.Float64() < f.plan.Rate {
		fault = [...]Fault{Refused, LostReply, Cancelled, Delayed}[f.rng.IntN(4)]
	}
	if fault == Delayed && f.plan.Delay > 0 {
		wait += time.Duration(f.rng.Int64N(int64(f.plan.Delay)))
	}
	return fault, wait, f.killed
}

func (f *Faulty) bite(op Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bites[Bite{op, fault}]++
}

// do makes one call. call reports whether it had an effect.
func (f *Faulty) do(ctx context.Context, op Op, call func(context.Context) (bool, error)) error {
	fault, wait, killed := f.choose(op)
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
		f.bite(op, fault)
		return ErrInjected
	case Cancelled:
		done, cancel := context.WithCancel(ctx)
		cancel()
		f.bite(op, fault)
		_, err := call(done)
		return err
	case LostReply:
		effect, err := call(ctx)
		if err == nil && effect {
			f.bite(op, fault)
			return ErrInjected
		}
		return err
	case Delayed:
		f.bite(op, fault)
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

// NeedsPayload answers for the backend.
func (f *Faulty) NeedsPayload() bool { return needsPayload(f.inner) }

func needsPayload(b necro.Backend) bool {
	p, ok := b.(necro.PayloadBackend)
	return ok && p.NeedsPayload()
}

// Publish is the backend's, unless a fault strikes.
func (f *Faulty) Publish(ctx context.Context, msgs []necro.Message) error {
	return f.do(ctx, OpPublish, func(ctx context.Context) (bool, error) {
		return true, f.inner.Publish(ctx, msgs)
	})
}

// Subscribe is the backend's, unless a fault strikes. Consumers whose reply was lost live on
// until the process is killed.
func (f *Faulty) Subscribe(ctx context.Context, subs []necro.Subscription) ([]necro.Consumer, error) {
	var out []necro.Consumer
	err := f.do(ctx, OpSubscribe, func(ctx context.Context) (bool, error) {
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
func (f *Faulty) Health(ctx context.Context) (h necro.Health) {
	err := f.do(ctx, OpHealth, func(ctx context.Context) (bool, error) {
		h = f.inner.Health(ctx)
		return true, h.Err
	})
	if err != nil {
		return necro.Health{Err: err}
	}
	return h
}

// Close closes the backend. No fault strikes it.
func (f *Faulty) Close() error { return f.inner.Close() }

type faultyConsumer struct {
	f     *Faulty
	inner necro.Consumer
}

func (c *faultyConsumer) Fetch(ctx context.Context, limit int) (ds []necro.Delivery, err error) {
	err = c.f.do(ctx, OpFetch, func(ctx context.Context) (bool, error) {
		var err error
		ds, err = c.inner.Fetch(ctx, limit)
		return len(ds) > 0, err
	})
	if err != nil {
		return nil, err
	}
	return ds, nil
}

func (c *faultyConsumer) Settle(ctx context.Context, outcomes []necro.Outcome) (applied []bool, err error) {
	err = c.f.do(ctx, OpSettle, func(ctx context.Context) (bool, error) {
		var err error
		applied, err = c.inner.Settle(ctx, outcomes)
		return anyApplied(applied), err
	})
	if err != nil {
		return nil, err
	}
	return applied, nil
}

func anyApplied(applied []bool) bool {
	if applied == nil {
		return true
	}
	for _, a := range applied {
		if a {
			return true
		}
	}
	return applied == nil
}

func (c *faultyConsumer) Extend(ctx context.Context, ds []*necro.Delivery) (lost []*necro.Delivery, err error) {
	err = c.f.do(ctx, OpExtend, func(ctx context.Context) (bool, error) {
		var err error
		lost, err = c.inner.Extend(ctx, ds)
		return len(lost) < len(ds), err
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

func (c *faultyConsumer) Release(ctx context.Context, ds []*necro.Delivery) error {
	return c.f.do(ctx, OpRelease, func(ctx context.Context) (bool, error) {
		return len(ds) > 0, c.inner.Release(ctx, ds)
	})
}

// Close closes the consumer. No fault strikes it.
func (c *faultyConsumer) Close() error { return c.inner.Close() }
