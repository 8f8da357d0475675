package backendtest

import (
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/runtime/contract"
)

var exclusiveTests = []test{
	{"ExclusiveHasOneOwner", exclusiveHasOneOwner},
	{"ExclusiveOwnerHandsOver", exclusiveOwnerHandsOver},
	{"ExclusiveOwnerExpires", exclusiveOwnerExpires},
	{"FormerOwnerSettlesNothing", formerOwnerSettlesNothing},
	{"ExclusiveOwnershipNeverOverlaps", exclusiveOwnershipNeverOverlaps},
}

func (e *env) exclusive(b contract.Backend) *consumer {
	e.Helper()
	sub := e.mortalOrgan("single", typeA)
	sub.Exclusive = true
	return e.subscribe(b, sub)[0]
}

// exclusiveHasOneOwner, for as long as it keeps its lease: another consumer gets nothing,
// though there is more.
func exclusiveHasOneOwner(e *env) {
	b := e.open()
	owner, other := e.exclusive(b), e.exclusive(e.attachProcess(b))
	e.publish(b, messagesA(1, 5)...)
	d := owner.takes(1)[0]
	for range 6 {
		other.none(e.lease() / 3)
		same(e, "lost", len(owner.extend(d)), 0)
	}
	owner.ack(d)
	owner.ack(owner.takes(2, 3, 4, 5)...)
}

func exclusiveOwnerHandsOver(e *env) {
	b := e.open()
	owner, other := e.exclusive(b), e.exclusive(e.attachProcess(b))
	e.publish(b, messagesA(1, 3)...)
	owner.ack(owner.takes(1)...)
	owner.close()
	other.ack(other.takes(2, 3)...)
	same(e, "left", stored(e.health(b, "single")), 0)
}

// exclusiveOwnerExpires when it falls silent: all that it held goes to the next owner.
func exclusiveOwnerExpires(e *env) {
	b := e.open()
	owner, other := e.exclusive(b), e.exclusive(e.attachProcess(b))
	e.publish(b, messagesA(1, 3)...)
	owner.takes(1, 2)
	other.ack(other.takesAny(1, 2, 3)...)
	same(e, "left", stored(e.health(b, "single")), 0)
}

// formerOwnerSettlesNothing, whatever it does and whichever of its deliveries the new owner
// has fetched already.
func formerOwnerSettlesNothing(e *env) {
	b := e.open()
	out := e.subscribe(b, e.organ("out", typeB))[0]
	owner, other := e.exclusive(b), e.exclusive(e.attachProcess(b))
	e.publish(b, messagesA(1, 2)...)
	ds := owner.takes(1, 2)
	other.one()
	owner.settlesNothing(ds...)
	same(e, "left", stored(e.health(b, "single")), 2)
	same(e, "emitted", stored(e.health(b, "out")), 0)
	out.none(e.units(2))
}

// exclusiveOwnershipNeverOverlaps has four owners that take turns, each of which crashes at
// last with one delivery in its hands: no two hold deliveries at a time.
func exclusiveOwnershipNeverOverlaps(e *env) {
	const owners, each = 4, 15
	b := e.open()
	e.exclusive(b).close()
	e.publish(b, messagesA(0, owners*each)...)
	var holding, settled atomic.Int64
	own := func() {
		c := e.exclusive(e.attachProcess(b))
		defer c.close()
		for n := range each + 1 {
			d := c.one()
			if holding.Add(1) > 1 {
				e.Error("two consumers hold deliveries of an exclusive organ")
			}
			if n < each {
				c.ack(d)
				settled.Add(1)
			}
			holding.Add(-1)
		}
	}
	var wg sync.WaitGroup
	for range owners {
		wg.Go(own)
	}
	wg.Wait()
	same(e, "settled", settled.Load(), owners*each)
	same(e, "left", stored(e.health(b, "single")), 1)
}
