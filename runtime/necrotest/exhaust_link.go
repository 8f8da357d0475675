package necrotest

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// link is the connection of one program to the backend, where faults strike.
type link struct {
	r       *run
	program *program
	gone    chan struct{} // closed when the program has crashed

	mu        sync.Mutex
	consumers []contract.Consumer
	stalled   bool
	asked     map[string]bool // schedules that the program has asked for
}

func newLink(r *run, p *program) *link {
	return &link{r: r, program: p, gone: make(chan struct{}), asked: map[string]bool{}}
}

func (l *link) hasCrashed() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

// crashProgram ends the program suddenly, as the backend sees it: its consumers are gone with the deliveries
// that they hold, and no later call has an effect.
func (l *link) crashProgram() {
	close(l.gone)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.consumers {
		c.Close()
	}
}

// makeCall makes a call of the backend, unless the fault of this run strikes that call. what describes the call
// when the run is traced.
func (l *link) makeCall(who string, o op, what func() string, send func() error) error {
	if l.hasCrashed() {
		return necro.ErrClosed
	}
	switch f := l.r.countCall(who, o, l.program.mortal, what); f {
	case refused:
		return errInjected
	case lostReply, repeated:
		if err := send(); err != nil {
			return err
		}
		if f == lostReply {
			return errInjected
		}
	case leaseLost:
		l.stallProgram()
	case crashBefore:
		l.crashProgram()
		return necro.ErrClosed
	case crashAfter:
		send()
		l.crashProgram()
		return necro.ErrClosed
	}
	return send()
}

// lease is how long deliveries are leased in every run: not a round time, for handlers take
// round times, and what happens at the same moment happens in any order.
const lease = 29_997_301_003 * time.Nanosecond

// stallProgram keeps the program from the backend until its leases have run out.
func (l *link) stallProgram() {
	l.setStalled(true)
	time.Sleep(lease + time.Second)
	l.setStalled(false)
}

func (l *link) setStalled(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stalled = on
}

func (l *link) isStalled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stalled
}

// NeedsPayload says that the backend stores bytes.
func (l *link) NeedsPayload() bool { return true }

// KeepsUnique is true, as of the memory backend behind it.
func (l *link) KeepsUnique() bool { return true }

// KeepsLanes is true, as of the memory backend behind it.
func (l *link) KeepsLanes() bool { return true }

// FirstBatch lets batches begin large, and makes the spine settle one before it fetches the next:
// the order of the calls must be the same in every run.
func (l *link) FirstBatch() int { return 8 }

// Publish stores events. An organ whose program crashes in it does not go on.
func (l *link) Publish(ctx context.Context, msgs []necro.Message, options contract.PublishOptions) (duplicates contract.Duplicates, err error) {
	meta, inHandler := necro.MetaFrom(ctx)
	msgs = slices.Clone(msgs)
	organ, who := "", l.program.name
	if inHandler {
		organ, who = meta.Organ, meta.Organ
	}
	named := false
	err = l.makeCall(who, opPublish, func() string { return tellMessages(msgs) }, func() error {
		first := !named
		if first { // a call that is repeated has the same ids
			l.r.nameMessages(msgs, who)
			named = true
		}
		found, err := l.r.backend.Publish(ctx, msgs, options)
		if err == nil {
			l.r.record.recordPublished(msgs, organ)
		}
		if first {
			duplicates = found
		}
		return err
	})
	if inHandler && l.hasCrashed() {
		runtime.Goexit()
	}
	if err != nil {
		return nil, err
	}
	return duplicates, nil
}

// Subscribe binds the organs. Consumers whose reply was lost live on until the program ends.
func (l *link) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	var outer []contract.Consumer
	err := l.makeCall(l.program.name, opSubscribe, func() string { return "" }, func() error {
		inner, err := l.r.backend.Subscribe(ctx, subs)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.consumers = append(l.consumers, inner...)
		outer = make([]contract.Consumer, len(inner))
		for i, c := range inner {
			outer[i] = &linked{l: l, organ: subs[i].Organ, inner: c}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return outer, nil
}

// Health is the backend's.
func (l *link) Health(ctx context.Context) contract.Health { return l.r.backend.Health(ctx) }

// Cancel takes a delayed event out of the schedule. No fault strikes it.
func (l *link) Cancel(ctx context.Context, id necro.ID) (bool, error) {
	if l.hasCrashed() {
		return false, necro.ErrClosed
	}
	return l.r.backend.Cancel(ctx, id)
}

// LoadStates reads what an organ keeps for some keys.
func (l *link) LoadStates(ctx context.Context, organ string, keys []string) (records []contract.StateRecord, err error) {
	err = l.makeCall(organ, opLoad, func() string { return tellKeys(keys) }, func() (err error) {
		records, err = l.r.backend.LoadStates(ctx, organ, keys)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// TakeTokens gives all that is asked for: no order of calls, and no crash, depends on when an attempt begins.
func (l *link) TakeTokens(_ context.Context, _ string, _ contract.Rate, n int) (taken int, wait time.Duration, err error) {
	return n, 0, nil
}

// RangeStates lists what an organ keeps. No fault strikes it.
func (l *link) RangeStates(ctx context.Context, organ, after string, limit int) ([]contract.KeyedState, string, error) {
	if l.hasCrashed() {
		return nil, "", necro.ErrClosed
	}
	return l.r.backend.RangeStates(ctx, organ, after, limit)
}

// Close does nothing: the backend ends with the run.
func (l *link) Close() error { return nil }

// linked is the consumer of one organ.
type linked struct {
	l     *link
	organ string
	inner contract.Consumer
}

// Fetch waits for the organ's turn. What a lost reply held is handed out again by the next
// Fetch, as the backends do that have replies.
func (c *linked) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	if err := c.l.r.awaitTurn(ctx, c); err != nil {
		return nil, err
	}
	var ds []contract.Delivery
	err := c.l.makeCall(c.organ, opFetch, func() string { return "" }, func() (err error) {
		c.handBack(ds)
		ds, err = c.inner.Fetch(ctx, min(limit, c.l.r.pass.limit))
		return err
	})
	if err != nil {
		c.handBack(ds)
		return nil, err
	}
	c.l.r.traceFetched(ds)
	return ds, nil
}

func (c *linked) handBack(ds []contract.Delivery) {
	list := make([]*contract.Delivery, len(ds))
	for i := range ds {
		list[i] = &ds[i]
	}
	if len(list) > 0 {
		c.inner.Release(context.Background(), list) // a crash has handed them back
	}
}

// Settle applies outcomes, and records those that counted.
func (c *linked) Settle(ctx context.Context, outcomes []contract.Outcome) (results contract.Results, err error) {
	outcomes = c.l.r.dateOutcomes(outcomes)
	settle := c.settleOnce
	if c.l.r.twice != nil {
		settle = c.settleSecond
	}
	err = c.l.makeCall(c.organ, opSettle, func() string { return tellOutcomes(outcomes) }, func() (err error) {
		results, err = settle(ctx, outcomes)
		return err
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func (c *linked) settleOnce(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	notes := c.l.r.record.readOutcomes(c.organ, outcomes) // first: the backend may use its memory again
	results, err := c.inner.Settle(ctx, outcomes)
	for i := range outcomes {
		switch {
		case err != nil:
		case results.IsApplied(i):
			c.l.r.record.recordSettled(notes[i])
		default:
			c.l.r.record.tooLate()
		}
	}
	return results, err
}

// Extend renews leases. While the program stalls it does not come to that.
func (c *linked) Extend(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	if c.l.isStalled() {
		return nil, nil
	}
	err = c.l.makeCall(c.organ, opExtend, func() string { return "" }, func() (err error) {
		lost, err = c.inner.Extend(ctx, ds)
		return err
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// Release hands deliveries back.
func (c *linked) Release(ctx context.Context, ds []*contract.Delivery) error {
	return c.l.makeCall(c.organ, opRelease, func() string { return "" }, func() error {
		return c.inner.Release(ctx, ds)
	})
}

// Close closes the consumer. No fault strikes it.
func (c *linked) Close() error { return c.inner.Close() }
