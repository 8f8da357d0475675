package backendtest

import (
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var orderTests = []test{
	{"StrictOrderHoldsBack", strictOrderHoldsBack},
	{"StrictOrderHoldsBackTheReleased", strictOrderHoldsBackTheReleased},
	{"StrictOrderGoesOnAfterBury", strictOrderGoesOnAfterBury},
	{"StrictOrderTakesBackWhatIsInFront", strictOrderTakesBack},
	{"KeyOrderHoldsBackItsKey", keyOrderHoldsBackItsKey},
	{"KeyOrderOfNoKeyHoldsBackNothing", keyOrderOfNoKey},
	{"KeyOrderTakesBackWhatIsInFront", keyOrderTakesBack},
	{"KeyOrderOfWhatWasFetchedBefore", keyOrderOfWhatWasFetchedBefore},
	{"HeldBackIsScheduled", heldBackIsScheduled},
	{"OrderSurvivesARename", orderSurvivesARename},
}

func (e *env) ordered(name string, mode contract.OrderMode) contract.Subscription {
	sub := e.organ(name, typeA)
	sub.Order = mode
	return sub
}

// later is long after the other steps of a test, also on a machine that takes half a second for one.
func (e *env) later() time.Duration { return e.units(30) }

// strictOrderHoldsBack while a delivery waits, and while it runs again, for a retry and for
// a decline, towards every consumer.
func strictOrderHoldsBack(e *env) {
	b := e.open()
	sub := e.ordered("strict", contract.OrderStrict)
	c, other := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 3)...)
	c.settles(retry(c.takes(1)[0], e.later()))
	other.none(e.units(2))
	d := c.takes(1)[0]
	same(e, "attempts", d.Attempts, 1)
	other.none(e.units(2))
	c.settles(decline(d, e.later()))
	other.none(e.units(2))
	c.ack(c.takes(1)...)
	other.takes(2, 3)
}

// strictOrderHoldsBackTheReleased: successors that were fetched in the same batch and are
// handed back wait as well.
func strictOrderHoldsBackTheReleased(e *env) {
	b := e.open()
	c := e.subscribe(b, e.ordered("strict", contract.OrderStrict))[0]
	e.publish(b, messagesA(1, 4)...)
	ds := c.takes(1, 2, 3)
	c.settles(retry(ds[0], e.units(3)))
	c.release(ds[1:]...)
	for n := int64(1); n <= 4; n++ {
		c.ack(c.takes(n)...)
	}
}

// strictOrderGoesOnAfterBury: a delivery that is given up holds back nothing.
func strictOrderGoesOnAfterBury(e *env) {
	b := e.open()
	c := e.subscribe(b, e.ordered("strict", contract.OrderStrict))[0]
	e.publish(b, messagesA(1, 3)...)
	c.settles(retry(c.takes(1)[0], 0))
	c.settles(bury(c.takes(1)[0], contract.Death{Reason: contract.ReasonExhausted}))
	c.takes(2, 3)
}

// strictOrderTakesBack: a failed delivery holds back those behind it, but not one in front of it that comes
// back later, by a release, or because its consumer is gone.
func strictOrderTakesBack(e *env) { e.takesBack(e.ordered("strict", contract.OrderStrict)) }

// keyOrderTakesBack is the same for the deliveries of a key.
func keyOrderTakesBack(e *env) { e.takesBack(e.ordered("keyed", contract.OrderKey)) }

// takesBack has the second of three fail while the first is with another consumer, which then gives
// it back. Both come before the third.
func (e *env) takesBack(sub contract.Subscription) {
	e.Helper()
	for _, back := range []func(c *consumer, d *contract.Delivery){
		func(c *consumer, d *contract.Delivery) { c.release(d) },
		func(c *consumer, d *contract.Delivery) { c.close() },
	} {
		b := e.open()
		c, other := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
		e.publish(b, keyed("xxx")...)
		first := c.takes(1)[0]
		second := other.takes(2)[0]
		other.settles(retry(second, e.units(3)))
		back(c, first)
		var came []int64
		for range 3 {
			d := other.one()
			came = append(came, numberOf(&d.Message))
			other.ack(d)
		}
		slices.Sort(came[:2])
		if !slices.Equal(came, []int64{1, 2, 3}) {
			e.Errorf("deliveries: got %v, want 3 behind the others", came)
		}
		same(e, "left", stored(e.health(b, sub.Organ)), 0)
	}
}

// keyed returns events whose keys are the letters of a text.
func keyed(keys string) []contract.Message {
	var msgs []contract.Message
	for i, k := range keys {
		msgs = append(msgs, message(&eventA{N: int64(i + 1), Key: string(k)}))
	}
	return msgs
}

func keyOrderHoldsBackItsKey(e *env) {
	b := e.open()
	sub := e.ordered("keyed", contract.OrderKey)
	c, other := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, keyed("xyxyz")...)
	c.settles(retry(c.takes(1)[0], e.later()))
	other.ack(other.takes(2, 4, 5)...)
	other.none(e.units(2))
	d := c.takes(1)[0]
	same(e, "attempts", d.Attempts, 1)
	other.none(e.units(2))
	c.ack(d)
	other.ack(other.takes(3)...)
	same(e, "left", stored(e.health(b, "keyed")), 0)
}

// keyOrderOfWhatWasFetchedBefore: the deliveries behind a failed one were all handed back, and a Fetch has passed over the first
// of them. When the failed one is done, these come before the others.
func keyOrderOfWhatWasFetchedBefore(e *env) {
	b := e.open()
	c := e.subscribe(b, e.ordered("keyed", contract.OrderKey))[0]
	e.publish(b, keyed("xxxyxx")...)
	ds := c.takes(1, 2, 3, 4, 5, 6)
	c.settles(retry(ds[0], e.later()))
	c.release(ds[1:]...)
	c.ack(c.takes(4)...)
	e.wait(e.later())
	c.ack(c.takes(1)...)
	c.takes(2, 3, 5)
}

// keyOrderOfNoKey: events without a key are not in order with one another.
func keyOrderOfNoKey(e *env) {
	b := e.open()
	c := e.subscribe(b, e.ordered("keyed", contract.OrderKey))[0]
	e.publish(b, messagesA(1, 3)...)
	c.settles(retry(c.takes(1)[0], e.later()))
	c.ack(c.takes(2, 3)...)
	c.ack(c.takes(1)...)
}

// heldBackIsScheduled counts what an order keeps waiting: behind a failed delivery of strict order it is scheduled, and behind
// one of its key it is there.
func heldBackIsScheduled(e *env) {
	for _, mode := range []contract.OrderMode{contract.OrderStrict, contract.OrderKey} {
		b := e.open()
		c := e.subscribe(b, e.ordered("all", mode))[0]
		e.publish(b, keyed("xxx")...)
		ds := c.takes(1, 2, 3)
		c.settles(retry(ds[0], e.units(50_000)))
		c.release(ds[1:]...)
		c.none(e.units(2))
		h := e.health(b, "all")
		same(e, "stored", stored(h), 3)
		if mode == contract.OrderStrict {
			same(e, "scheduled", h.Scheduled, 3)
		}
	}
}

// orderSurvivesARename: what waits behind a failed delivery when the next release gives the organ another name runs in its
// order there, with the delivery ids that it had.
func orderSurvivesARename(e *env) {
	for _, mode := range []contract.OrderMode{contract.OrderStrict, contract.OrderKey} {
		b := e.open()
		old := e.subscribe(b, e.ordered("old", mode))[0]
		e.publish(b, keyed("xxx")...)
		ds := old.takes(1, 2)
		failed := ds[0].ID
		old.settles(retry(ds[0], e.later()))
		old.release(ds[1])
		old.close()

		renamed := e.ordered("new", mode)
		renamed.Aliases = []string{"old"}
		c := e.subscribe(e.attachProcess(b), renamed)[0]
		bound, ok := c.Consumer.(contract.BoundConsumer)
		if !ok {
			e.Fatal("a consumer does not tell its binding")
		}
		same(e, "identity, of which delivery ids are made", bound.Binding().Identity, "old")
		c.none(e.units(2))
		for n := int64(1); n <= 3; n++ {
			d := c.takes(n)[0]
			if n == 1 {
				same(e, "attempts", d.Attempts, 1)
				same(e, "id", d.ID, failed)
			}
			c.ack(d)
		}
		same(e, "left", stored(e.health(b, "new")), 0)
	}
}
