package backendtest

import (
	"github.com/necrostack/necrogen/runtime/contract"
)

var crashTests = []test{
	{"CrashLosesNothing", crashLosesNothing},
	{"CrashesAreCountedWhileMarked", crashesAreCountedWhileMarked},
	{"CrashUnmarkedIsNotCounted", crashUnmarkedIsNotCounted},
	{"ExpiryWhileMarkedIsCounted", expiryWhileMarkedIsCounted},
	{"ReleaseTakesTheMarkAway", releaseTakesTheMarkAway},
	{"SettleOfAClosedConsumerForksNothing", settleOfAClosedConsumer},
}

// freshConsumer opens another process's consumer.
func (e *env) freshConsumer(b contract.Backend) *consumer {
	e.Helper()
	return e.subscribe(e.attachProcess(b), e.mortalOrgan("all", typeA))[0]
}

// crashLosesNothing: the deliveries that a consumer held when it crashed come back, as suspects that spent no
// attempt; those that it had settled do not.
func crashLosesNothing(e *env) {
	b := e.open()
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, 5)...)
	ds := c.takes(1, 2, 3, 4)
	c.ack(ds[1])
	c.close()
	other := e.freshConsumer(b)
	for _, d := range other.takesAny(1, 3, 4, 5) {
		same(e, "suspect", d.Suspect, numberOf(&d.Message) != 5)
		same(e, "attempts", d.Attempts, 0)
		same(e, "crashes", d.Crashes, 0)
		other.ack(d)
	}
	same(e, "left", stored(e.health(b, "all")), 0)
}

// crashesAreCountedWhileMarked follows one delivery through the four crashes that condemn it: one in a
// group, three alone.
func crashesAreCountedWhileMarked(e *env) {
	b := e.open()
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, 1)...)
	c.extend(c.one()) // no suspect yet: no mark
	c.close()
	for crashes := range int32(4) {
		c = e.freshConsumer(b)
		d := c.one()
		same(e, "suspect", d.Suspect, true)
		same(e, "crashes", d.Crashes, crashes)
		same(e, "attempts", d.Attempts, 0)
		c.extend(d)
		c.extend(d) // marks it no second time
		c.close()
	}
	c = e.freshConsumer(b)
	d := c.one()
	same(e, "crashes", d.Crashes, 4)
	c.settles(bury(d, contract.Death{Reason: contract.ReasonCrashed}))
	same(e, "dead", e.health(b, "all").Dead, 1)
}

// crashUnmarkedIsNotCounted: a bystander in the batch of a crasher is only suspected.
func crashUnmarkedIsNotCounted(e *env) {
	b := e.open()
	e.freshConsumer(b).close()
	e.publish(b, messagesA(1, 2)...)
	for range 3 {
		c := e.freshConsumer(b)
		for _, d := range c.take(2) {
			if numberOf(&d.Message) == 1 && d.Suspect {
				c.extend(d)
			}
		}
		c.close()
	}
	for _, d := range e.freshConsumer(b).take(2) {
		same(e, "suspect", d.Suspect, true)
		want := int32(0)
		if numberOf(&d.Message) == 1 {
			want = 2
		}
		same(e, "crashes", d.Crashes, want)
	}
}

// expiryWhileMarkedIsCounted: a process that hangs is like one that is gone.
func expiryWhileMarkedIsCounted(e *env) {
	b := e.open()
	c1, c2 := e.freshConsumer(b), e.freshConsumer(b)
	e.publish(b, messagesA(1, 1)...)
	c1.one()
	d := c2.one()
	c2.extend(d)
	d = c1.one()
	same(e, "crashes", d.Crashes, 1)
	c1.ack(d)
}

func releaseTakesTheMarkAway(e *env) {
	b := e.open()
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, 1)...)
	c.one()
	c.close()
	c = e.freshConsumer(b)
	d := c.one()
	c.extend(d)
	c.release(d)
	same(e, "crashes", c.one().Crashes, 0)
	c.close() // unmarked since the release
	same(e, "crashes", e.freshConsumer(b).one().Crashes, 0)
}

// settleOfAClosedConsumer comes from a handler that its process had given up: whether the
// backend reports an error or not, one settle counts.
func settleOfAClosedConsumer(e *env) {
	b := e.open()
	out := e.subscribe(b, e.organ("out", typeB))[0]
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, 1)...)
	d := c.one()
	c.close()
	other := e.freshConsumer(b)
	again := other.one()
	results, err := c.Settle(e.ctx, []contract.Outcome{ack(d, encoded(e, b, []contract.Message{message(&eventB{N: 1})})...)})
	if err == nil && results.IsApplied(0) {
		e.Error("a closed consumer settles what another one holds")
	}
	other.settles(ack(again, message(&eventB{N: 2})))
	out.ack(out.takes(2)...)
	out.none(e.units(2))
}
