package backendtest

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

var fenceTests = []test{
	{"SecondSettleAppliesNothing", secondSettleAppliesNothing},
	{"SettleAfterAnotherHolderAppliesNothing", settleAfterAnotherHolder},
	{"SettleBeforeAnotherHolderAppliesOnce", settleBeforeAnotherHolder},
	{"SettleOfRetriedDeliveryAppliesNothing", settleOfRetriedDelivery},
	{"SettleOfReleasedDeliveryAppliesOnce", settleOfReleasedDelivery},
	{"RacingSettlesApplyOnce", racingSettlesApplyOnce},
}

// secondSettleAppliesNothing repeats each kind of outcome after each other kind.
func secondSettleAppliesNothing(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB))
	kinds := func(d *contract.Delivery) []contract.Outcome {
		return []contract.Outcome{
			ack(d, message(&eventB{N: 1})), retry(d, e.units(50_000)), decline(d, e.units(50_000)),
			bury(d, contract.Death{Reason: contract.ReasonPermanent}),
		}
	}
	for first := range 4 {
		e.publish(b, messagesA(int64(first), int64(first))...)
		d := cs[0].one()
		cs[0].settles(kinds(d)[first])
		for _, again := range kinds(d) {
			same(e, "applied", cs[0].settle(again)[0], false)
		}
	}
	same(e, "emitted", stored(e.health(b, "out")), 1)
	in := e.health(b, "in")
	same(e, "scheduled", in.Scheduled, 2)
	same(e, "dead", in.Dead, 1)
}

// expiredLease returns two holders of one delivery: the lease of the first ran out, and the
// second fetched it.
func expiredLease(e *env, b contract.Backend) (c1, c2 *consumer, d1, d2 *contract.Delivery) {
	sub := e.mortalOrgan("in", typeA)
	c1 = e.subscribe(b, sub)[0]
	c2 = e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 1)...)
	d1 = c1.one()
	d2 = c2.one() // waits until the lease has run out
	same(e, "id", d2.ID, d1.ID)
	same(e, "suspect", d2.Suspect, true)
	same(e, "attempts", d2.Attempts, 0)
	return c1, c2, d1, d2
}

// settleAfterAnotherHolder is the late worker, whose delivery is done already.
func settleAfterAnotherHolder(e *env) {
	b := e.open()
	out := e.subscribe(b, e.organ("out", typeB))[0]
	c1, c2, d1, d2 := expiredLease(e, b)
	c2.settles(ack(d2, message(&eventB{N: 2})))
	for _, late := range []contract.Outcome{
		ack(d1, message(&eventB{N: 1})), retry(d1, 0), decline(d1, 0),
		bury(d1, contract.Death{Reason: contract.ReasonPermanent}),
	} {
		same(e, "applied", c1.settle(late)[0], false)
	}
	out.ack(out.takes(2)...)
	out.none(e.units(2))
	in := e.health(b, "in")
	same(e, "left", stored(in), 0)
	same(e, "dead", in.Dead, 0)
}

// settleBeforeAnotherHolder is the late worker that is still the first to finish. A backend
// may let it win or not: one of the two is applied.
func settleBeforeAnotherHolder(e *env) {
	b := e.open()
	out := e.subscribe(b, e.organ("out", typeB))[0]
	c1, c2, d1, d2 := expiredLease(e, b)
	first := c1.settle(ack(d1, message(&eventB{N: 1})))[0]
	second := c2.settle(ack(d2, message(&eventB{N: 1})))[0]
	if first == second {
		e.Errorf("applied: %v and %v, want one of the two", first, second)
	}
	out.ack(out.takes(1)...)
	out.none(e.units(2))
	same(e, "left", stored(e.health(b, "in")), 0)
}

// settleOfRetriedDelivery settles the first attempt again while the second runs.
func settleOfRetriedDelivery(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB))
	e.publish(b, messagesA(1, 1)...)
	first := cs[0].one()
	cs[0].settles(retry(first, 0))
	second := cs[0].one()
	same(e, "applied", cs[0].settle(ack(first, message(&eventB{N: 1})))[0], false)
	cs[0].settles(ack(second, message(&eventB{N: 2})))
	cs[1].ack(cs[1].takes(2)...)
	cs[1].none(e.units(2))
}

// settleOfReleasedDelivery settles a delivery that was handed back and fetched by another consumer.
func settleOfReleasedDelivery(e *env) {
	b := e.open()
	sub := e.organ("in", typeA)
	c1, c2 := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 1)...)
	d1 := c1.one()
	c1.release(d1)
	d2 := c2.one()
	c2.ack(d2)
	same(e, "applied", c1.settle(ack(d1))[0], false)
	same(e, "left", stored(e.health(b, "in")), 0)
}

// racingSettlesApplyOnce lets both holders settle at the same moment.
func racingSettlesApplyOnce(e *env) {
	b := e.open()
	out := e.subscribe(b, e.organ("out", typeB))[0]
	const chains = 20
	sub := e.mortalOrgan("in", typeA)
	sub.Lease = 5 * e.lease() // a slow engine settles so many one after the other
	c1, c2 := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, chains)...)
	d1, d2 := c1.take(chains), c2.take(chains)
	slices.SortFunc(d2, func(x, y *contract.Delivery) int { return int(numberOf(&x.Message) - numberOf(&y.Message)) })
	var applied atomic.Int64
	var wg sync.WaitGroup
	race := func(c *consumer, d *contract.Delivery) {
		if c.settle(ack(d, message(&eventB{N: numberOf(&d.Message)})))[0] {
			applied.Add(1)
		}
	}
	for i := range chains {
		wg.Go(func() { race(c1, d1[i]) })
		wg.Go(func() { race(c2, d2[i]) })
	}
	wg.Wait()
	same(e, "applied", applied.Load(), chains)
	same(e, "left", stored(e.health(b, "in")), 0)
	same(e, "emitted", len(out.take(chains)), chains)
	out.none(e.units(2))
}
