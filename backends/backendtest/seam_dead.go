package backendtest

import (
	"bytes"

	"github.com/necrostack/necrogen/runtime/contract"
)

var deadTests = []test{
	{"BuryKeepsADeadLetter", buryKeepsADeadLetter},
	{"BuryKeepsRawBytes", buryKeepsRawBytes},
	{"HaltPausesInTheSameStep", haltPauses},
	{"DeadLimitPauses", deadLimitPauses},
	{"DeadBytesPause", deadBytesPause},
	{"NoDeadLimitNeverPauses", noDeadLimit},
}

// deadLetters lists an organ's dead letters.
func (e *env) deadLetters(b contract.Backend, organ string) []contract.DeadLetter {
	e.Helper()
	ls, err := e.admin(b).DeadLetters(e.ctx, organ, contract.ID{}, 1000)
	e.ok(err, "list dead letters")
	return ls
}

func buryKeepsADeadLetter(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msg := message(&eventA{N: 1, Key: "k", Text: "t"})
	msg.Headers = map[string]string{"tenant": "x"}
	e.publish(b, msg)
	c.settles(retry(c.one(), 0))
	death := contract.Death{Reason: contract.ReasonPermanent, Error: "no such customer", Stack: "goroutine 1\n\tmain.go:7"}
	c.settles(bury(c.one(), death))

	h := e.health(b, "all")
	same(e, "dead", h.Dead, 1)
	if h.DeadBytes <= 0 {
		e.Errorf("dead bytes: got %d, want more than none", h.DeadBytes)
	}
	ls := e.deadLetters(b, "all")
	if len(ls) != 1 {
		e.Fatalf("%d dead letters, want 1", len(ls))
	}
	l := ls[0]
	same(e, "organ", l.Organ, "all")
	same(e, "id", l.ID, contract.DeliveryID(msg.ID, "all"))
	same(e, "death", l.Death, death)
	sameEnvelope(e, &l.Message, &msg)
	if l.Attempts != 1 {
		e.Errorf("attempts: got %d, want the one that was settled", l.Attempts)
	}
	e.wantInTest("given up", l.Time)
}

// buryKeepsRawBytes of a message that no program could decode, and encodes one that was never encoded.
func buryKeepsRawBytes(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	garbage := message(&eventA{N: 1})
	garbage.Event, garbage.Payload = nil, []byte("\xc1 not msgpack")
	typed := message(&eventA{N: 2})
	want, err := typed.Encoded()
	e.ok(err, "encode")
	e.publish(b, garbage, typed)
	for _, d := range c.take(2) {
		c.settles(bury(d, contract.Death{Reason: contract.ReasonUndecodable}))
	}
	ls := e.deadLetters(b, "all")
	if len(ls) != 2 {
		e.Fatalf("%d dead letters, want 2", len(ls))
	}
	for i, want := range [][]byte{garbage.Payload, want} {
		if got := ls[i].Message.Payload; !bytes.Equal(got, want) {
			e.Errorf("payload of dead letter %d: got %x, want %x", i, got, want)
		}
	}
}

// untilPaused waits until an organ is reported as paused, and wants it to have no deliveries.
func (e *env) untilPaused(b contract.Backend, organ string, cs ...*consumer) {
	e.Helper()
	e.until("the organ is paused", func() bool { return e.health(b, organ).Paused != "" })
	for _, c := range cs {
		c.none(e.units(2))
	}
}

// haltPauses the organ for every consumer, and no other organ, until it is resumed. Deliveries that were leased before can
// still be settled.
func haltPauses(e *env) {
	b := e.open()
	admin := e.admin(b)
	cs := e.subscribe(b, e.organ("halts", typeA), e.organ("other", typeA))
	second := e.subscribe(e.attachProcess(b), e.organ("halts", typeA))[0]
	e.publish(b, messagesA(1, 4)...)
	ds := cs[0].takes(1, 2)
	cs[0].settles(bury(ds[0], contract.Death{Reason: contract.ReasonExhausted, Halt: true}))
	if e.health(b, "halts").Paused == "" {
		e.Error("the settle was applied and the organ is not paused")
	}
	same(e, "dead", e.health(b, "halts").Dead, 1)
	e.untilPaused(b, "halts", cs[0], second)
	cs[0].ack(ds[1])
	cs[1].takes(1, 2, 3, 4)
	e.ok(admin.Resume(e.ctx, "halts"), "resume")
	second.takes(3, 4)
}

// deadLimitPauses keeps every dead letter, also of deliveries that were leased already, and pauses.
func deadLimitPauses(e *env) {
	b := e.open()
	admin := e.admin(b)
	sub := e.organ("all", typeA)
	sub.DeadLimit = 2
	c := e.subscribe(b, sub)[0]
	e.publish(b, messagesA(1, 5)...)
	ds := c.takes(1, 2, 3)
	c.settles(bury(ds[0], contract.Death{Reason: contract.ReasonPermanent}))
	same(e, "paused", e.health(b, "all").Paused, "")
	for _, d := range ds[1:] {
		c.settles(bury(d, contract.Death{Reason: contract.ReasonPermanent}))
	}
	e.untilPaused(b, "all", c)
	same(e, "dead", e.health(b, "all").Dead, 3)
	same(e, "left", stored(e.health(b, "all")), 2)

	for _, l := range e.deadLetters(b, "all") {
		_, err := admin.Discard(e.ctx, "all", l.ID)
		e.ok(err, "discard")
	}
	e.ok(admin.Resume(e.ctx, "all"), "resume")
	c.takes(4, 5)
}

func deadBytesPause(e *env) {
	b := e.open()
	sub := e.organ("all", typeA)
	sub.DeadBytes = 4000
	c := e.subscribe(b, sub)[0]
	big := message(&eventA{N: 1, Text: string(make([]byte, 5000))})
	e.publish(b, message(&eventA{N: 0}), big, message(&eventA{N: 2}))
	c.settles(bury(c.takes(0)[0], contract.Death{Reason: contract.ReasonPermanent}))
	same(e, "paused", e.health(b, "all").Paused, "")
	c.settles(bury(c.takes(1)[0], contract.Death{Reason: contract.ReasonPermanent}))
	e.untilPaused(b, "all", c)
	same(e, "dead", e.health(b, "all").Dead, 2)
}

// noDeadLimit: 0 is no limit, for the number and for the bytes.
func noDeadLimit(e *env) {
	b := e.open()
	sub := e.organ("all", typeA)
	sub.DeadLimit, sub.DeadBytes = 0, 0
	c := e.subscribe(b, sub)[0]
	e.buried(b, c, 1, 5)
	h := e.health(b, "all")
	same(e, "dead", h.Dead, 5)
	same(e, "paused", h.Paused, "")
	e.publish(b, messagesA(6, 6)...)
	c.takes(6)
}
