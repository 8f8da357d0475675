package backendtest

import (
	"github.com/necrostack/necrogen/runtime/contract"
)

var leaseTests = []test{
	{"ReleaseReturnsInOrderInFront", releaseReturnsInOrderInFront},
	{"ReleaseWakesAnotherConsumer", releaseWakesAnotherConsumer},
	{"ExtendKeepsALease", extendKeepsALease},
	{"ExtendReportsTheLost", extendReportsTheLost},
	{"ExpiredLeaseComesBack", expiredLeaseComesBack},
}

func releaseReturnsInOrderInFront(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(1, 5)...)
	ds := c.takes(1, 2, 3, 4)
	c.release(ds[3], ds[1], ds[2])
	same(e, "leased", e.health(b, "all").Leased, 1)
	for _, d := range c.takes(2, 3, 4, 5) {
		same(e, "attempts", d.Attempts, 0)
		same(e, "crashes", d.Crashes, 0)
		same(e, "suspect", d.Suspect, false)
		c.ack(d)
	}
	c.ack(ds[0])
	same(e, "left", stored(e.health(b, "all")), 0)
}

func releaseWakesAnotherConsumer(e *env) {
	b := e.open()
	sub := e.organ("all", typeA)
	c1, c2 := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 1)...)
	d := c1.one()
	got := make(chan *contract.Delivery, 1)
	go func() { got <- c2.one() }()
	e.wait(e.units(2))
	c1.release(d)
	same(e, "attempts", (<-got).Attempts, 0)
}

// extendKeepsALease for three times its length, while another consumer would take it.
func extendKeepsALease(e *env) {
	b := e.open()
	sub := e.mortalOrgan("all", typeA)
	c1, c2 := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 1)...)
	d := c1.one()
	for range 9 {
		c2.none(e.lease() / 3)
		same(e, "lost", len(c1.extend(d)), 0)
	}
	c1.ack(d)
	same(e, "left", stored(e.health(b, "all")), 0)
}

// extendReportsTheLost has one delivery that another consumer took, one that it has settled
// too, and one that is still ours.
func extendReportsTheLost(e *env) {
	b := e.open()
	sub := e.mortalOrgan("all", typeA)
	c1, c2 := e.subscribe(b, sub)[0], e.subscribe(e.attachProcess(b), sub)[0]
	e.publish(b, messagesA(1, 2)...)
	ds := c1.takes(1, 2)
	theirs := c2.takesAny(1, 2)
	e.publish(b, messagesA(3, 3)...)
	ds = append(ds, c1.takes(3)...)
	c2.ack(theirs[0])
	lost := c1.extend(ds...)
	same(e, "lost", len(lost), 2)
	for _, d := range lost {
		if d != ds[0] && d != ds[1] {
			e.Errorf("lost %d, which is not one of those that were given and taken", numberOf(&d.Message))
		}
	}
	c2.ack(theirs[1])
	same(e, "applied", c1.settle(ack(ds[2]))[0], true)
}

// expiredLeaseComesBack to the consumer that let it run out, too.
func expiredLeaseComesBack(e *env) {
	b := e.open()
	c := e.subscribe(b, e.mortalOrgan("all", typeA))[0]
	e.publish(b, messagesA(1, 1)...)
	first := c.one()
	again := c.one()
	same(e, "id", again.ID, first.ID)
	same(e, "suspect", again.Suspect, true)
	same(e, "attempts", again.Attempts, 0)
	c.ack(again)
	same(e, "applied", c.settle(ack(first))[0], false)
}
