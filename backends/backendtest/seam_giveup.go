package backendtest

import (
	"github.com/necrostack/necrogen/runtime/contract"
)

var giveUpTests = []test{
	{"GiveUpStoresEmissionsWithTheLetter", giveUpStoresEmissions},
	{"GiveUpMovesTheState", giveUpMovesTheState},
	{"GiveUpConflictChangesNothing", giveUpConflict},
	{"GivingUpIsMarked", givingUpIsMarked},
	{"ReleaseTakesTheMarkOfAGiveUpAway", releaseOfAGiveUp},
	{"HopsInReserveAreKept", hopsInReserve},
}

// givenUp is a dead letter with what a give-up handler emitted.
func givenUp(d *contract.Delivery, emit ...contract.Message) contract.Outcome {
	o := bury(d, contract.Death{Reason: contract.ReasonPermanent, Error: "no", GaveUp: true})
	o.Emit = emit
	return o
}

// giveUpStoresEmissions: the letter and the emissions come together, once. The letter says that its give-up handler ran; another
// one does not.
func giveUpStoresEmissions(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA), e.organ("heard", typeB))
	e.publish(b, messagesA(1, 2)...)
	ds := c[0].takes(1, 2)
	emitted := message(&eventB{N: 7})
	for range 2 { // the second settle is lost
		c[0].settle(givenUp(ds[0], emitted), bury(ds[1], contract.Death{Reason: contract.ReasonPermanent}))
	}
	heard := c[1].takes(7)
	same(e, "id of the emission", heard[0].ID, emitted.ID)
	c[1].ack(heard...)
	same(e, "left", stored(e.health(b, "heard")), 0)
	letters := e.deadLetters(b, "all")
	if len(letters) != 2 {
		e.Fatalf("%d dead letters, want 2", len(letters))
	}
	for _, l := range letters {
		same(e, "gave up", l.GaveUp, l.Message.ID == ds[0].ID)
		same(e, "halt", l.Halt, false)
	}
}

// giveUpMovesTheState in the step that stores the letter.
func giveUpMovesTheState(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k")...)
	ds := c.takes(1, 2)
	o := givenUp(ds[1])
	o.State = writing(ds[1], mark1, mark2, "given up").State
	c.settles(writing(ds[0], 0, mark1, "paid"), o)
	e.hasState(b, "keeper", "k", mark2, "given up")
	same(e, "dead", e.health(b, "keeper").Dead, 1)
}

// giveUpConflict: neither a letter nor an emission is stored for a state that has changed, and the delivery is still leased.
func giveUpConflict(e *env) {
	b := e.stateful()
	cs := e.subscribe(b, e.keeping("keeper", typeA), e.organ("heard", typeB))
	c := cs[0]
	e.publish(b, messagesOf("k", "k")...)
	ds := c.takes(1, 2)
	c.settles(writing(ds[0], 0, mark1, "paid"))
	o := givenUp(ds[1], message(&eventB{N: 7}))
	o.State = writing(ds[1], mark3, mark2, "given up").State
	c.ends(conflict, o)
	same(e, "dead", e.health(b, "keeper").Dead, 0)
	same(e, "emitted", stored(e.health(b, "heard")), 0)
	e.hasState(b, "keeper", "k", mark1, "paid")
	o.State.Read = mark1
	c.ends(applied, o)
	same(e, "dead", e.health(b, "keeper").Dead, 1)
	e.hasState(b, "keeper", "k", mark2, "given up")
	cs[1].ack(cs[1].takes(7)...)
}

// marksGivingUp marks a delivery as given up, through a copy as the spine does.
func (c *consumer) marksGivingUp(d *contract.Delivery) {
	c.e.Helper()
	marked := *d
	marked.GivingUp = true
	same(c.e, "lost", len(c.extend(&marked)), 0)
}

// givingUpIsMarked: a delivery that was marked and did not come to a settle says so to every process after, until it is settled.
// The others of its batch do not.
func givingUpIsMarked(e *env) {
	b := e.open()
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, 3)...)
	ds := c.takes(1, 2, 3)
	c.marksGivingUp(ds[1])
	c.close()
	for range 2 {
		c = e.freshConsumer(b)
		ds = c.takesAny(1, 2, 3)
		for _, d := range ds {
			same(e, "giving up", d.GivingUp, numberOf(&d.Message) == 2)
			c.extend(d)
		}
		c.close()
	}
	c = e.freshConsumer(b)
	ds = c.takesAny(1, 2, 3)
	for _, d := range ds {
		same(e, "giving up", d.GivingUp, numberOf(&d.Message) == 2)
		c.settles(retry(d, 0))
	}
	for _, d := range c.takesAny(1, 2, 3) {
		same(e, "giving up behind a retry", d.GivingUp, false)
		c.ack(d)
	}
}

// releaseOfAGiveUp: a delivery that was handed back is not taken for one whose process died.
func releaseOfAGiveUp(e *env) {
	b := e.open()
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, 1)...)
	d := c.one()
	c.marksGivingUp(d)
	c.release(d)
	d = c.one()
	same(e, "giving up", d.GivingUp, false)
	c.close()
	c = e.freshConsumer(b)
	d = c.one()
	same(e, "giving up behind a crash", d.GivingUp, false)
	c.ack(d)
}

// hopsInReserve: they are a part of the envelope wherever it waits.
func hopsInReserve(e *env) {
	b := e.open()
	admin := e.admin(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msgs := messagesA(1, 1)
	msgs[0].Reserve = 16
	e.publish(b, msgs...)
	d := c.one()
	same(e, "reserve", d.Reserve, 16)
	c.settles(retry(d, 0))
	d = c.one()
	same(e, "reserve behind a retry", d.Reserve, 16)
	c.settles(bury(d, contract.Death{Reason: contract.ReasonPermanent}))
	l := e.theLetter(b, "all")
	same(e, "reserve of the letter", l.Message.Reserve, 16)
	_, err := admin.Redrive(e.ctx, "all", l.ID)
	e.ok(err, "redrive")
	d = c.one()
	same(e, "reserve behind a redrive", d.Reserve, 16)
	c.ack(d)
}
