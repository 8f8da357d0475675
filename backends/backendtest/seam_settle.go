package backendtest

import (
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

var settleTests = []test{
	{"SettleStoresEmissionsInOrder", settleStoresEmissionsInOrder},
	{"SettleFansOut", settleFansOut},
	{"SettleKeepsEnvelope", settleKeepsEnvelope},
	{"SettleIsOneStep", settleIsOneStep},
	{"SettleMixesOutcomes", settleMixesOutcomes},
	{"SettleEmitsToItself", settleEmitsToItself},
	{"SettleRepeatedAfterErrorAppliesOnce", settleRepeatedAfterError},
	{"SettleOfNoOutcomeAppliesNothing", settleOfNoOutcome},
}

// settleStoresEmissionsInOrder settles two deliveries in one call, in the order of the call.
func settleStoresEmissionsInOrder(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB, typeC))
	e.publish(b, messagesA(1, 2)...)
	ds := cs[0].takes(1, 2)
	cs[0].settles(
		ack(ds[1], message(&eventB{N: 21}), message(&eventC{N: 22}), message(&eventB{N: 23})),
		ack(ds[0], message(&eventC{N: 11}), message(&eventB{N: 12})),
	)
	cs[1].takes(21, 22, 23, 11, 12)
	same(e, "left of the inputs", stored(e.health(b, "in")), 0)
}

func settleFansOut(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("left", typeB), e.organ("right", typeB, typeC))
	e.publish(b, messagesA(1, 1)...)
	cs[0].settles(ack(cs[0].one(), message(&eventC{N: 2}), message(&eventB{N: 3})))
	cs[1].takes(3)
	cs[2].takes(2, 3)
}

func settleKeepsEnvelope(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB))
	e.publish(b, messagesA(1, 1)...)
	d := cs[0].one()
	want := message(&eventB{N: 2, Key: "k", Text: "t"})
	want.Correlation, want.Causation, want.Hops = d.Correlation, d.ID, d.Hops+1
	want.Headers = map[string]string{"tenant": "x"}
	cs[0].settles(ack(d, want))
	got := cs[1].one()
	sameEnvelope(e, &got.Message, &want)
	same(e, "attempts", got.Attempts, 0)
}

// settleIsOneStep looks while deliveries move from one organ to the next: at every look each
// chain is in exactly one place.
func settleIsOneStep(e *env) {
	const chains = 300
	b := e.open()
	cs := e.subscribe(b, e.organ("first", typeA), e.organ("second", typeB))
	e.publish(b, messagesA(1, chains)...)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range chains / 2 {
				d := cs[0].one()
				cs[0].settles(ack(d, message(&eventB{N: numberOf(&d.Message)})))
			}
		})
	}
	for moved := 0; moved < chains && !e.Failed(); {
		first, second := storedForTwo(e, b, "first", "second")
		if first+second != chains {
			e.Errorf("%d + %d deliveries of %d chains", first, second, chains)
		}
		moved = second
	}
	wg.Wait()
}

// storedForTwo returns how many deliveries are stored for two organs, in one look.
func storedForTwo(e *env, b contract.Backend, first, second string) (n, m int) {
	h := b.Health(e.ctx)
	e.ok(h.Err, "health")
	for _, o := range h.Organs {
		switch o.Organ {
		case first:
			n = stored(o)
		case second:
			m = stored(o)
		}
	}
	return n, m
}

// settleMixesOutcomes has one outcome of each kind, and a stale one, in a single call.
func settleMixesOutcomes(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB))
	e.publish(b, messagesA(1, 5)...)
	ds := cs[0].takes(1, 2, 3, 4, 5)
	cs[0].ack(ds[4])
	applied := cs[0].settle(
		ack(ds[0], message(&eventB{N: 10})),
		retry(ds[1], 0),
		ack(ds[4], message(&eventB{N: 50})),
		decline(ds[2], 0),
		bury(ds[3], contract.Death{Reason: contract.ReasonPermanent}),
	)
	for i, want := range []bool{true, true, false, true, true} {
		same(e, "applied", applied[i], want)
	}
	cs[0].ack(cs[0].takesAny(2, 3)...)
	cs[1].ack(cs[1].takes(10)...)
	cs[1].none(e.units(2))
	same(e, "dead", e.health(b, "in").Dead, 1)
}

// settleEmitsToItself is the shortest cycle.
func settleEmitsToItself(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("loop", typeA))[0]
	e.publish(b, messagesA(0, 0)...)
	for n := range int64(5) {
		c.settles(ack(c.takes(n)[0], message(&eventA{N: n + 1})))
	}
	c.ack(c.takes(5)...)
	same(e, "left", stored(e.health(b, "loop")), 0)
}

// settleRepeatedAfterError loses the reply of a settle, which then is repeated: with every
// kind of outcome, the repetition changes nothing.
func settleRepeatedAfterError(e *env) {
	b := e.open()
	faulty := NewFaulty(b, Plan{})
	e.subscribe(b, e.organ("out", typeB))[0].close()
	c := e.subscribe(faulty, e.organ("in", typeA))[0]
	e.publish(b, messagesA(1, 4)...)
	ds := c.takes(1, 2, 3, 4)
	outcomes := []contract.Outcome{
		ack(ds[0], encoded(e, b, []contract.Message{message(&eventB{N: 10})})...),
		retry(ds[1], 0), decline(ds[2], 0), bury(ds[3], contract.Death{Reason: contract.ReasonPermanent}),
	}
	faulty.Next(OpSettle, LostReply)
	if _, err := c.Settle(e.ctx, outcomes); err == nil {
		e.Fatal("the fault did not bite")
	}
	c.settle(outcomes...)
	same(e, "emitted", stored(e.health(b, "out")), 1)
	same(e, "left", stored(e.health(b, "in")), 2)
	same(e, "dead", e.health(b, "in").Dead, 1)
	for _, d := range c.takesAny(2, 3) {
		same(e, "attempts and declines", d.Attempts+d.Declines, 1)
	}
}

// settleOfNoOutcome has, behind a good outcome, one that says nothing a backend could apply. The call
// is refused as a whole, at once, and the next one works.
func settleOfNoOutcome(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB))
	e.publish(b, messagesA(1, 2)...)
	ds := cs[0].takes(1, 2)
	for what, wrong := range map[string]contract.Outcome{
		"an unknown kind":       {Delivery: ds[1], Kind: contract.OutcomeDead + 1},
		"a negative kind":       {Delivery: ds[1], Kind: -1},
		"dead without a reason": {Delivery: ds[1], Kind: contract.OutcomeDead},
		"no delivery":           {Kind: contract.OutcomeAck},
	} {
		good := ack(ds[0], encoded(e, b, []contract.Message{message(&eventB{N: 10})})...)
		if _, err := cs[0].Settle(e.ctx, []contract.Outcome{good, wrong}); err == nil {
			e.Errorf("settle with %s: no error", what)
		}
	}
	same(e, "leased", e.health(b, "in").Leased, 2)
	same(e, "dead", e.health(b, "in").Dead, 0)
	same(e, "emitted", stored(e.health(b, "out")), 0)
	cs[0].settles(ack(ds[0], message(&eventB{N: 11})), bury(ds[1], contract.Death{Reason: contract.ReasonPermanent}))
	cs[1].takes(11)
}
