package backendtest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// seamTests are the promises of contract.Backend, contract.Consumer and contract.Admin.
func seamTests() []test {
	return slices.Concat(publishTests, subscribeTests, fetchTests, settleTests, fenceTests,
		retryTests, leaseTests, crashTests, giveUpTests, parkTests, orderTests, exclusiveTests, laneTests, deadTests,
		adminTests, inspectTests, healthTests, limitTests, delayTests, scheduledTests, tickTests, stateTests, rateTests, uniqueTests,
		statesKeptTests, closeTests)
}

// message returns an event in an envelope, as a spine would publish it.
func message(ev contract.Event) contract.Message {
	id := contract.NewID()
	typ := ev.NecroEvent()
	return contract.Message{
		ID: id, Correlation: id, Type: typ, Event: ev, Key: typ.Key(ev),
		Nanos: time.Now().UnixNano(),
	}
}

// messagesA returns events of type A with the numbers from first to last.
func messagesA(first, last int64) []contract.Message {
	var msgs []contract.Message
	for n := first; n <= last; n++ {
		msgs = append(msgs, message(&eventA{N: n}))
	}
	return msgs
}

// encoded fills in the payloads that the backend wants to have, as a spine does.
func encoded(e *env, b contract.Backend, msgs []contract.Message) []contract.Message {
	e.Helper()
	if !needsPayload(b) {
		return msgs
	}
	out := slices.Clone(msgs)
	for i := range out {
		payload, err := out[i].Encoded()
		e.ok(err, "encode")
		out[i].Payload = payload
	}
	return out
}

// publishAll is Publish where no message is a duplicate that counts.
func publishAll(ctx context.Context, b contract.Backend, msgs []contract.Message) error {
	_, err := b.Publish(ctx, msgs, contract.PublishOptions{})
	return err
}

// publishOne is publishAll for the path of a single message.
func publishOne(ctx context.Context, b contract.OnePublisher, m contract.Message) error {
	_, err := b.PublishOne(ctx, m, contract.PublishOptions{})
	return err
}

func (e *env) publish(b contract.Backend, msgs ...contract.Message) {
	e.Helper()
	e.ok(publishAll(e.ctx, b, encoded(e, b, msgs)), "publish")
}

// organ returns a plain subscription, whose leases do not run out while a test lasts; a test changes the
// fields that it is about.
func (e *env) organ(name string, events ...*contract.EventType) contract.Subscription {
	return contract.Subscription{
		Organ: name, Path: "example.com/suite", Events: events, Lease: e.units(100_000),
		Pack: e.h.Pack, DeadLimit: 1000, DeadBytes: 1 << 20,
	}
}

// mortalOrgan returns a subscription whose leases run out soon.
func (e *env) mortalOrgan(name string, events ...*contract.EventType) contract.Subscription {
	sub := e.organ(name, events...)
	sub.Lease = e.lease()
	return sub
}

// subscribe binds organs in one step.
func (e *env) subscribe(b contract.Backend, subs ...contract.Subscription) []*consumer {
	e.Helper()
	for _, sub := range subs {
		e.skipUnkept(sub.Order, sub.Exclusive)
	}
	cs, err := b.Subscribe(e.ctx, subs)
	e.ok(err, "subscribe")
	if len(cs) != len(subs) {
		e.Fatalf("subscribe: %d consumers for %d organs", len(cs), len(subs))
	}
	out := make([]*consumer, len(cs))
	for i, c := range cs {
		out[i] = &consumer{e: e, b: b, Consumer: c}
		e.Cleanup(func() { c.Close() })
	}
	return out
}

// consumer is a contract.Consumer whose errors end the test.
type consumer struct {
	contract.Consumer
	e *env
	b contract.Backend
}

// fetch is Fetch with a copy of the deliveries, which stays as it is when the consumer uses its memory
// again, because tests settle deliveries twice.
func (c *consumer) fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	ds, err := c.Fetch(ctx, limit)
	return slices.Clone(ds), err
}

// take fetches until it has n deliveries.
func (c *consumer) take(n int) []*contract.Delivery {
	c.e.Helper()
	var out []*contract.Delivery
	for len(out) < n {
		limit := n - len(out)
		ds, err := c.fetch(c.e.ctx, limit)
		if err != nil {
			c.e.Fatalf("fetch: %v, with %d of %d deliveries: %v", err, len(out), n, numbers(out))
		}
		if len(ds) == 0 || len(ds) > limit {
			c.e.Fatalf("fetch: %d deliveries, want 1 to %d", len(ds), limit)
		}
		for i := range ds {
			out = append(out, &ds[i])
		}
	}
	return out
}

// one fetches one delivery.
func (c *consumer) one() *contract.Delivery {
	c.e.Helper()
	return c.take(1)[0]
}

// takes fetches as many deliveries as there are numbers, and wants them in that order.
func (c *consumer) takes(want ...int64) []*contract.Delivery {
	c.e.Helper()
	ds := c.take(len(want))
	if got := numbers(ds); !slices.Equal(got, want) {
		c.e.Errorf("deliveries: got %v, want %v", got, want)
	}
	return ds
}

// takesAny is takes for deliveries that may come in any order.
func (c *consumer) takesAny(want ...int64) []*contract.Delivery {
	c.e.Helper()
	ds := c.take(len(want))
	if got := slices.Sorted(slices.Values(numbers(ds))); !slices.Equal(got, want) {
		c.e.Errorf("deliveries: got %v, want %v in any order", got, want)
	}
	return ds
}

// none wants Fetch to wait in vain for d.
func (c *consumer) none(d time.Duration) {
	c.e.Helper()
	ctx, cancel := c.e.during(d)
	defer cancel()
	ds, err := c.fetch(ctx, 100)
	if len(ds) > 0 {
		c.e.Fatalf("fetch: %d deliveries that must wait, the first is %d", len(ds), numberOf(&ds[0].Message))
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		c.e.Fatalf("fetch: error %v, want the context's", err)
	}
}

// resultsOf settles outcomes, and returns what became of each.
func (c *consumer) resultsOf(outcomes ...contract.Outcome) contract.Results {
	c.e.Helper()
	for i := range outcomes {
		outcomes[i].Emit = encoded(c.e, c.b, outcomes[i].Emit)
	}
	results, err := c.Settle(c.e.ctx, outcomes)
	c.e.ok(err, "settle")
	if results != nil && len(results) != len(outcomes) {
		c.e.Fatalf("settle: %d answers to %d outcomes", len(results), len(outcomes))
	}
	all := make(contract.Results, len(outcomes))
	for i := range all {
		all[i] = results.At(i)
	}
	return all
}

// settle applies outcomes, and reports for each whether it was applied.
func (c *consumer) settle(outcomes ...contract.Outcome) []bool {
	c.e.Helper()
	applied := make([]bool, len(outcomes))
	for i, result := range c.resultsOf(outcomes...) {
		applied[i] = result == contract.ResultApplied
	}
	return applied
}

// settles is settle where every outcome has to be applied.
func (c *consumer) settles(outcomes ...contract.Outcome) {
	c.e.Helper()
	if applied := c.settle(outcomes...); slices.Contains(applied, false) {
		c.e.Errorf("settle: applied %v, want all", applied)
	}
}

// settlesNothing wants deliveries to be lost, whatever the consumer does with them.
func (c *consumer) settlesNothing(ds ...*contract.Delivery) {
	c.e.Helper()
	for _, d := range ds {
		same(c.e, "applied", c.settle(ack(d, message(&eventB{N: 1})))[0], false)
		same(c.e, "applied", c.settle(bury(d, contract.Death{Reason: contract.ReasonPermanent}))[0], false)
	}
	same(c.e, "lost", len(c.extend(ds...)), len(ds))
}

// ack settles deliveries as done.
func (c *consumer) ack(ds ...*contract.Delivery) {
	c.e.Helper()
	outcomes := make([]contract.Outcome, len(ds))
	for i, d := range ds {
		outcomes[i] = ack(d)
	}
	c.settles(outcomes...)
}

func ack(d *contract.Delivery, emit ...contract.Message) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeAck, Emit: emit}
}

func retry(d *contract.Delivery, delay time.Duration) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeRetry, Delay: delay}
}

func decline(d *contract.Delivery, delay time.Duration) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDecline, Delay: delay}
}

func bury(d *contract.Delivery, death contract.Death) contract.Outcome {
	return contract.Outcome{Delivery: d, Kind: contract.OutcomeDead, Death: &death}
}

// extend renews leases, and returns how many are lost.
func (c *consumer) extend(ds ...*contract.Delivery) []*contract.Delivery {
	c.e.Helper()
	lost, err := c.Extend(c.e.ctx, ds)
	c.e.ok(err, "extend")
	return lost
}

func (c *consumer) release(ds ...*contract.Delivery) {
	c.e.Helper()
	c.e.ok(c.Release(c.e.ctx, ds), "release")
}

func (c *consumer) close() {
	c.e.Helper()
	c.e.ok(c.Close(), "close consumer")
}

func numbers(ds []*contract.Delivery) []int64 {
	out := make([]int64, len(ds))
	for i, d := range ds {
		out[i] = numberOf(&d.Message)
	}
	return out
}

// health returns the state of one organ.
func (e *env) health(b contract.Backend, organ string) contract.OrganHealth {
	e.Helper()
	h := b.Health(e.ctx)
	e.ok(h.Err, "health")
	for _, o := range h.Organs {
		if o.Organ == organ {
			return o
		}
	}
	return contract.OrganHealth{}
}

// stored is how many deliveries of an organ are not done.
func stored(h contract.OrganHealth) int { return h.Ready + h.Leased + h.Scheduled }

// admin returns what an operator works with.
func (e *env) admin(b contract.Backend) contract.Admin {
	e.Helper()
	a, ok := b.(contract.Admin)
	if !ok {
		e.Skip("the backend has no Admin")
	}
	return a
}
