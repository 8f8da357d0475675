package backendtest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var delayTests = []test{
	{"DelayedEventWaits", delayedEventWaits},
	{"DelayedEventsComeWhenDue", delayedEventsComeWhenDue},
	{"DelayedEventGoesToThoseBoundThen", delayedGoesToThoseBoundThen},
	{"DelayedEventIsParkedWhenDue", delayedIsParkedWhenDue},
	{"DelayedEventIsStoredOnce", delayedIsStoredOnce},
	{"DelayedEventOutlivesItsProcess", delayedOutlivesItsProcess},
	{"DelayedEmissionIsInTheStep", delayedEmissionIsInTheStep},
	{"DelayedEventsCountAgainstTheLimit", delayedCountAgainstTheLimit},
	{"ManyDelayedEventsComeOnceEach", manyDelayedComeOnce},
	{"CancelTakesAnEventOut", cancelTakesAnEventOut},
	{"CancelForgetsTheID", cancelForgetsTheID},
	{"CancelledOrDelivered", cancelledOrDelivered},
}

// delaying opens a backend that keeps delayed events.
func (e *env) delaying() contract.DelayingBackend {
	e.Helper()
	return e.delays(e.open())
}

// delays returns the backend as one that keeps delayed events.
func (e *env) delays(b contract.Backend) contract.DelayingBackend {
	e.Helper()
	return asTrait[contract.DelayingBackend](e, b, Delays)
}

// dueIn gives a message a delay.
func dueIn(m contract.Message, delay time.Duration) contract.Message {
	m.Due = time.Now().Add(delay).UnixNano()
	return m
}

// delayedOf returns how many events are in the schedule.
func (e *env) delayedOf(b contract.Backend) int {
	e.Helper()
	h := b.Health(e.ctx)
	e.ok(h.Err, "health")
	return h.Delayed
}

// cancel takes an event out of the schedule, and wants to be told whether it was there.
func (e *env) cancel(b contract.DelayingBackend, id contract.ID, want bool) {
	e.Helper()
	found, err := b.Cancel(e.ctx, id)
	e.ok(err, "cancel")
	same(e, "was in the schedule", found, want)
}

// delayedEventWaits for its time, and comes as it was published.
func delayedEventWaits(e *env) {
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	before := time.Now()
	msg := dueIn(message(&eventA{N: 1, Key: "k", Text: "t"}), e.later())
	msg.Headers = map[string]string{"tenant": "x"}
	e.publish(b, msg, message(&eventA{N: 2}))
	c.ack(c.takes(2)...)
	d := c.one()
	e.notBefore(before, e.later())
	msg.Due = 0
	sameEnvelope(e, &d.Message, &msg)
	same(e, "due", d.Due, 0)
	same(e, "attempts", d.Attempts, 0)
	c.ack(d)
	same(e, "delayed", e.delayedOf(b), 0)
}

// delayedEventsComeWhenDue publishes in another order than that of the due times. Those with the same time keep theirs.
func delayedEventsComeWhenDue(e *env) {
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	start := time.Now()
	var msgs []contract.Message
	for n, after := range []int{9, 3, 6, 3, 6, 9} {
		m := message(&eventA{N: int64(n)})
		m.Due = start.Add(e.units(after)).UnixNano()
		msgs = append(msgs, m)
	}
	e.publish(b, msgs...)
	for i, want := range []int64{1, 3, 2, 4, 0, 5} {
		c.ack(c.takes(want)...)
		e.notBefore(start, e.units(3+i/2*3))
	}
}

// delayedGoesToThoseBoundThen, and not to those that were bound when it was published.
func delayedGoesToThoseBoundThen(e *env) {
	b := e.delaying()
	first := e.subscribe(b, e.organ("first", typeA))[0]
	msg := dueIn(message(&eventA{N: 1}), e.units(100)) // a loaded machine subscribes late
	e.publish(b, msg)
	second := e.subscribe(b, e.organ("second", typeA), e.organ("other", typeB))
	for _, c := range []*consumer{first, second[0]} {
		d := c.one()
		same(e, "id", d.ID, msg.ID)
		c.ack(d)
	}
	second[1].none(e.units(2))
}

// delayedIsParkedWhenDue: nothing is bound to it then. An output is gone.
func delayedIsParkedWhenDue(e *env) {
	b := e.delaying()
	e.subscribe(b, e.organ("other", typeB)) // someone has to run, where the engine's processes route due events
	msg := dueIn(message(&eventA{N: 1}), e.units(2))
	e.publish(b, msg, dueIn(message(&eventOut{N: 2}), e.units(2)))
	e.until("the event is parked", func() bool { return e.parked(b, typeA.Name).Parked == 1 && e.delayedOf(b) == 0 })
	same(e, "parked outputs", e.parked(b, typeOut.Name).Parked, 0)
	d := e.subscribe(b, e.organ("late", typeA))[0].one()
	same(e, "id", d.ID, msg.ID)
}

// delayedIsStoredOnce though it is published again while it waits, also in one call.
func delayedIsStoredOnce(e *env) {
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msg := dueIn(message(&eventA{N: 1}), time.Hour)
	e.publish(b, msg, msg)
	msg.Due += int64(time.Hour)
	e.publish(b, msg)
	msg.Once = true
	e.publish(b, msg)
	same(e, "delayed", e.delayedOf(b), 1)
	e.cancel(b, msg.ID, true)
	e.cancel(b, msg.ID, false)
	c.none(e.units(2))
}

// delayedOutlivesItsProcess: another one delivers it.
func delayedOutlivesItsProcess(e *env) {
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msg := dueIn(message(&eventA{N: 1}), e.units(6))
	e.publish(b, msg)
	c.close()
	d := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0].one()
	same(e, "id", d.ID, msg.ID)
	same(e, "suspect", d.Suspect, false)
}

// delayedEmissionIsInTheStep: the first settle of a delivery stores it, and no other one does.
func delayedEmissionIsInTheStep(e *env) {
	b := e.delaying()
	cs := e.subscribe(b, e.organ("in", typeA), e.organ("out", typeB))
	e.publish(b, messagesA(1, 1)...)
	d := cs[0].one()
	before := time.Now()
	far, late, now := dueIn(message(&eventB{N: 1}), time.Hour), dueIn(message(&eventB{N: 2}), e.later()), message(&eventB{N: 3})
	cs[0].settles(ack(d, far, late, now))
	lost := []contract.Message{dueIn(message(&eventB{N: 4}), time.Hour), dueIn(message(&eventB{N: 5}), 0), message(&eventB{N: 6})}
	if applied := cs[0].settle(ack(d, lost...)); applied[0] {
		e.Error("a delivery was settled twice")
	}
	cs[1].ack(cs[1].takes(3)...)
	got := cs[1].takes(2)[0]
	e.notBefore(before, e.later())
	same(e, "id", got.ID, late.ID)
	same(e, "causation", got.Causation, late.Causation)
	cs[1].ack(got)
	cs[1].none(e.units(2))
	e.cancel(b, far.ID, true)
	e.cancel(b, lost[0].ID, false)
}

// delayedCountAgainstTheLimit as one delivery each, and no more once they are cancelled.
func delayedCountAgainstTheLimit(e *env) {
	b := e.delays(e.openLimit(3))
	e.subscribe(b, e.organ("all", typeA))
	var msgs []contract.Message
	for _, m := range messagesA(1, 3) {
		msgs = append(msgs, dueIn(m, time.Hour))
	}
	e.publish(b, msgs...)
	if _, err := b.Publish(e.ctx, encoded(e, b, messagesA(4, 4)), contract.PublishOptions{}); !errors.Is(err, contract.ErrFull) {
		e.Errorf("publish: error %v, want %v", err, contract.ErrFull)
	}
	e.cancel(b, msgs[0].ID, true)
	e.publish(b, messagesA(4, 4)...)
	if _, err := b.Publish(e.ctx, encoded(e, b, []contract.Message{dueIn(message(&eventA{N: 5}), time.Hour)}), contract.PublishOptions{}); !errors.Is(err, contract.ErrFull) {
		e.Errorf("publish of a delayed event: error %v, want %v", err, contract.ErrFull)
	}
}

// manyDelayedComeOnce though they are due at one time: more than an engine routes in one step.
func manyDelayedComeOnce(e *env) {
	const count = 2500
	b := e.delaying()
	cs := e.subscribe(b, e.organ("left", typeA), e.organ("right", typeA))
	due := time.Now().Add(e.units(5)).UnixNano()
	var want []int64
	for n := int64(0); n < count; n += 250 {
		msgs := messagesA(n, n+249)
		for i := range msgs {
			msgs[i].Due = due
			want = append(want, n+int64(i))
		}
		e.publish(b, msgs...)
	}
	for _, c := range cs {
		c.takesAny(want...)
	}
	same(e, "delayed", e.delayedOf(b), 0)
}

func cancelTakesAnEventOut(e *env) {
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msgs := messagesA(1, 4)
	for i, delay := range []time.Duration{e.units(3), time.Hour, time.Hour, 2 * time.Hour} {
		msgs[i] = dueIn(msgs[i], delay)
	}
	e.publish(b, msgs...)
	e.cancel(b, msgs[1].ID, true)
	e.cancel(b, msgs[1].ID, false)
	e.cancel(b, contract.NewID(), false)
	c.ack(c.takes(1)...)
	e.cancel(b, msgs[0].ID, false)
	same(e, "delayed", e.delayedOf(b), 2)
	c.none(e.units(2))
}

// cancelForgetsTheID: a cancelled event can be published again, for another time.
func cancelForgetsTheID(e *env) {
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msg := dueIn(message(&eventA{N: 1}), time.Hour)
	msg.Once = true
	e.publish(b, msg)
	e.cancel(b, msg.ID, true)
	again := message(&eventA{N: 2})
	again.ID, again.Once = msg.ID, true
	e.publish(b, again, again)
	c.ack(c.takes(2)...)
	c.none(e.units(2))
}

// cancelledOrDelivered: of many events that are cancelled when they are due, each one is either cancelled or delivered.
func cancelledOrDelivered(e *env) {
	const count = 60
	b := e.delaying()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	var msgs []contract.Message
	for n := range int64(count) {
		msgs = append(msgs, dueIn(message(&eventA{N: n}), e.units(4)+time.Duration(n)*e.h.Unit/20))
	}
	e.publish(b, msgs...)
	var cancelled journal[int64]
	var cancelling sync.WaitGroup
	for n := range msgs {
		cancelling.Go(func() {
			e.wait(time.Until(time.Unix(0, msgs[n].Due)))
			if found, err := b.Cancel(e.ctx, msgs[n].ID); err != nil {
				e.Errorf("cancel: %v", err)
			} else if found {
				cancelled.add(int64(n))
			}
		})
	}
	cancelling.Wait()
	c.acksAllBut(&cancelled, count)
}

// acksAllBut takes the events from 0 on of which the journal has none, each once, and acknowledges them.
func (c *consumer) acksAllBut(cancelled *journal[int64], count int) {
	c.e.Helper()
	gone := cancelled.all()
	var want []int64
	for n := range int64(count) {
		if !slices.Contains(gone, n) {
			want = append(want, n)
		}
	}
	c.ack(c.takesAny(want...)...)
	c.none(c.e.units(2))
}
