package backendtest

import (
	"github.com/necrostack/necrogen/runtime/contract"
)

var parkTests = []test{
	{"ParkIsHandedOverInFront", parkIsHandedOverInFront},
	{"ParkIsHandedOverOnce", parkIsHandedOverOnce},
	{"ParkGoesToAllOrgansOfOneCall", parkGoesToAllOrgans},
	{"EmissionsAreParked", emissionsAreParked},
	{"ParkOfAFormerNameIsHandedOver", parkOfAFormerName},
	{"ParkIsBounded", parkIsBounded},
	{"OutputsAreNotParked", outputsAreNotParked},
	{"OutputsAreDelivered", outputsAreDelivered},
}

// parked returns how many events of a name wait for a subscriber, and how many were let go.
func (e *env) parked(b contract.Backend, name string) contract.ParkHealth {
	e.Helper()
	h := b.Health(e.ctx)
	e.ok(h.Err, "health")
	for _, p := range h.Parked {
		if p.Event == name {
			return p
		}
	}
	return contract.ParkHealth{}
}

// parkIsHandedOverInFront of everything newer, once.
func parkIsHandedOverInFront(e *env) {
	b := e.open()
	want := messagesA(1, 3)
	e.publish(b, want...)
	same(e, "parked", e.parked(b, typeA.Name).Parked, 3)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publish(b, messagesA(4, 4)...)
	ds := c.takes(1, 2, 3, 4)
	sameEnvelope(e, &ds[0].Message, &want[0])
	same(e, "attempts", ds[0].Attempts, 0)
	c.ack(ds...)
	same(e, "parked", e.parked(b, typeA.Name).Parked, 0)
	again := e.subscribe(b, e.organ("all", typeA))[0]
	again.none(e.units(2))
}

// parkIsHandedOverOnce though the organ that got it is removed and bound again within a minute: the events of the park that it has handled must not be handled twice.
func parkIsHandedOverOnce(e *env) {
	b := e.open()
	admin := e.admin(b)
	e.publish(b, messagesA(1, 3)...)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	c.ack(c.takes(1)...)
	c.close()
	for range 2 {
		if err := admin.RemoveOrgan(e.ctx, "all"); err != nil {
			e.Fatal(err)
		}
		again := e.subscribe(b, e.organ("all", typeA))[0]
		again.none(e.units(2))
		again.close()
	}
	other := e.subscribe(b, e.organ("other", typeB))[0]
	e.publish(b, message(&eventB{N: 4}))
	other.takes(4)
}

func parkGoesToAllOrgans(e *env) {
	b := e.open()
	e.publish(b, message(&eventA{N: 1}), message(&eventB{N: 2}), message(&eventA{N: 3}))
	cs := e.subscribe(b, e.organ("left", typeA), e.organ("both", typeA, typeB), e.organ("other", typeC))
	cs[0].takes(1, 3)
	cs[1].takesAny(1, 2, 3)
	cs[2].none(e.units(2))
}

func emissionsAreParked(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("in", typeA))[0]
	e.publish(b, messagesA(1, 1)...)
	c.settles(ack(c.one(), message(&eventB{N: 2}), message(&eventB{N: 3})))
	same(e, "parked", e.parked(b, typeB.Name).Parked, 2)
	e.subscribe(b, e.organ("late", typeB))[0].takes(2, 3)
}

// parkOfAFormerName: an event is bound under its aliases, too.
func parkOfAFormerName(e *env) {
	b := e.open()
	e.publish(b, formerEvent(e, 1), message(&eventNow{N: 2}), formerEvent(e, 3))
	e.subscribe(b, e.organ("all", typeNow))[0].takes(1, 2, 3)
	same(e, "parked", e.parked(b, formerName).Parked, 0)
}

// parkIsBounded lets the oldest go, and counts them.
func parkIsBounded(e *env) {
	const bound, more = 10_000, 200
	b := e.open()
	for n := int64(1); n <= bound+more; n += 200 {
		e.publish(b, messagesA(n, n+199)...)
	}
	e.publish(b, message(&eventB{N: 1})) // another type has a park of its own
	p := e.parked(b, typeA.Name)
	same(e, "parked", p.Parked, bound)
	same(e, "dropped", p.Dropped, more)
	if found := e.findings(b, "event "+typeA.Name); len(found) != 1 || !found[0].Severe {
		e.Errorf("found of what was let go: %+v", found)
	}
	same(e, "parked of another type", e.parked(b, typeB.Name).Parked, 1)
	c := e.subscribe(b, e.organ("late", typeA))[0]
	same(e, "handed over", stored(e.health(b, "late")), bound)
	c.takes(more+1, more+2)
}

func outputsAreNotParked(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("in", typeA))[0]
	e.publish(b, message(&eventOut{N: 1}), message(&eventA{N: 2}))
	c.settles(ack(c.one(), message(&eventOut{N: 3})))
	same(e, "parked", e.parked(b, typeOut.Name), contract.ParkHealth{})
	e.subscribe(b, e.organ("late", typeOut))[0].none(e.units(2))
}

// outputsAreDelivered also to an organ that listens to them.
func outputsAreDelivered(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("audit", typeOut))[0]
	e.publish(b, message(&eventOut{N: 1}))
	c.takes(1)
}
