package backendtest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var publishTests = []test{
	{"PublishIsAllOrNone", publishIsAllOrNone},
	{"PublishRefusedStoresNothing", publishRefusedStoresNothing},
	{"PublishCancelledStoresAllOrNone", publishCancelledStoresAllOrNone},
	{"PublishKeepsOrder", publishKeepsOrder},
	{"PublishKeepsEnvelope", publishKeepsEnvelope},
	{"PublishKeepsNoSlice", publishKeepsNoSlice},
	{"PublishKeepsNoPayload", publishKeepsNoPayload},
	{"PublishOneIsPublish", publishOneIsPublish},
	{"PublishOnceStoresOnce", publishOnceStoresOnce},
	{"PublishTellsDuplicates", publishTellsDuplicates},
	{"IDIsRememberedAsLongAsAsked", idIsRememberedAsLongAsAsked},
	{"FanOutIsIndependent", fanOutIsIndependent},
}

// publishIsAllOrNone looks while batches are published: there is never a part of one.
func publishIsAllOrNone(e *env) {
	const batch, batches, publishers = 7, 20, 3
	b := e.open()
	e.subscribe(b, e.organ("all", typeA))
	var wg sync.WaitGroup
	for range publishers {
		wg.Go(func() {
			for range batches {
				if _, err := b.Publish(e.ctx, encoded(e, b, messagesA(1, batch)), contract.PublishOptions{}); err != nil {
					e.Errorf("publish: %v", err)
				}
			}
		})
	}
	for seen := 0; seen < batch*batches*publishers && !e.Failed(); {
		seen = stored(e.health(b, "all"))
		if seen%batch != 0 {
			e.Errorf("%d deliveries are stored, which is not a number of whole batches of %d", seen, batch)
		}
	}
	wg.Wait()
}

// publishRefusedStoresNothing has an event in the middle of a batch that cannot be encoded.
// A backend that needs no bytes may take it.
func publishRefusedStoresNothing(e *env) {
	b := e.open()
	e.subscribe(b, e.organ("all", typeA))
	msgs := messagesA(1, 3)
	msgs[1].Event = &eventA{N: 2, Text: unencodable}
	want := 3
	if _, err := b.Publish(e.ctx, msgs, contract.PublishOptions{}); err != nil {
		want = 0
	}
	same(e, "stored", stored(e.health(b, "all")), want)
}

// publishCancelledStoresAllOrNone publishes with a context that is done already.
func publishCancelledStoresAllOrNone(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	done, cancel := context.WithCancel(e.ctx)
	cancel()
	want := []int64{1, 2, 3, 4}
	if _, err := b.Publish(done, encoded(e, b, messagesA(1, 3)), contract.PublishOptions{}); err != nil {
		if n := stored(e.health(b, "all")); n != 0 && n != 3 {
			e.Fatalf("%d of 3 messages are stored", n)
		} else if n == 0 {
			want = want[3:]
		}
	}
	e.publish(b, messagesA(4, 4)...)
	c.takes(want...)
}

// publishKeepsOrder holds across types and calls, for every limit of Fetch.
func publishKeepsOrder(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("mixed", typeA, typeB, typeC))[0]
	e.publish(b, message(&eventA{N: 1}), message(&eventB{N: 2}))
	e.publish(b, message(&eventC{N: 3}))
	e.publish(b, message(&eventB{N: 4}), message(&eventA{N: 5}), message(&eventC{N: 6}))
	c.ack(c.takes(1)...)
	c.ack(c.takes(2, 3, 4)...)
	c.ack(c.takes(5, 6)...)
}

func publishKeepsEnvelope(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	want := message(&eventA{N: 7, Key: "k", Text: "héllo\x00"})
	want.Correlation, want.Causation = contract.NewID(), contract.NewID()
	want.Headers = map[string]string{"traceparent": "00-1-2-03", "": "empty"}
	want.Hops = 3
	e.publish(b, want)
	d := c.one()
	sameEnvelope(e, &d.Message, &want)
	same(e, "attempts", d.Attempts, 0)
	same(e, "suspect", d.Suspect, false)
	same(e, "crashes", d.Crashes, 0)
}

// sameEnvelope compares all that never changes about a message.
func sameEnvelope(e *env, got, want *contract.Message) {
	e.Helper()
	same(e, "id", got.ID, want.ID)
	same(e, "correlation", got.Correlation, want.Correlation)
	same(e, "causation", got.Causation, want.Causation)
	same(e, "type", got.Type.Name, want.Type.Name)
	same(e, "version", got.Type.Version, want.Type.Version)
	same(e, "key", got.Key, want.Key)
	same(e, "hops", got.Hops, want.Hops)
	same(e, "nanos", got.Nanos, want.Nanos)
	if !maps.Equal(got.Headers, want.Headers) {
		e.Errorf("headers: got %q, want %q", got.Headers, want.Headers)
	}
	gotBytes, err := got.Encoded()
	e.ok(err, "encode what was delivered")
	wantBytes, err := want.Encoded()
	e.ok(err, "encode what was published")
	if !bytes.Equal(gotBytes, wantBytes) {
		e.Errorf("payload: got %x, want %x", gotBytes, wantBytes)
	}
}

// publishKeepsNoSlice uses the slices again that it gave to Publish and Settle, payloads too.
func publishKeepsNoSlice(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("a", typeA), e.organ("b", typeB))
	msgs := encoded(e, b, messagesA(1, 2))
	e.ok(publishAll(e.ctx, b, msgs), "publish")
	wipe(msgs)
	ds := cs[0].takes(1, 2)

	emit := encoded(e, b, []contract.Message{message(&eventB{N: 3}), message(&eventB{N: 4})})
	outcomes := []contract.Outcome{ack(ds[0], emit[0]), ack(ds[1], emit[1])}
	_, err := cs[0].Settle(e.ctx, outcomes)
	e.ok(err, "settle")
	wipe(emit)
	clear(outcomes)
	cs[1].takes(3, 4)
}

// publishKeepsNoPayload of messages that have one, whether the backend asked for it or not, by every
// way on which messages come: delivered, parked, and kept as a dead letter.
func publishKeepsNoPayload(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("a", typeA), e.organ("b", typeB))
	filled := func(ev contract.Event) []contract.Message {
		msg := message(ev)
		payload, err := msg.Encoded()
		e.ok(err, "encode")
		msg.Payload, msg.Event = slices.Clone(payload), nil
		return []contract.Message{msg}
	}
	a, c := filled(&eventA{N: 1, Text: "text"}), filled(&eventC{N: 2, Text: "text"})
	want := slices.Clone(a[0].Payload)
	e.ok(publishAll(e.ctx, b, a), "publish")
	wipe(a)
	e.ok(publishAll(e.ctx, b, c), "publish what is parked")
	wipe(c)
	if one, ok := b.(contract.OnePublisher); ok {
		single := filled(&eventA{N: 3, Text: "text"})
		e.ok(publishOne(e.ctx, one, single[0]), "publish one")
		wipe(single)
		cs[0].ack(cs[0].takes(1, 3)[1])
	} else {
		cs[0].takes(1)
	}
	cs[0].close() // the next delivery was stored, not handed out
	cs[0] = e.subscribe(b, e.organ("a", typeA))[0]
	d := cs[0].takes(1)[0]
	emit := filled(&eventB{N: 4, Text: "text"})
	_, err := cs[0].Settle(e.ctx, []contract.Outcome{ack(d, emit...)})
	e.ok(err, "settle")
	wipe(emit)
	cs[1].settles(bury(cs[1].takes(4)[0], contract.Death{Reason: contract.ReasonPermanent}))
	letters := e.deadLetters(b, "b")
	same(e, "number of a dead letter", numberOf(&letters[0].Message), 4)
	parked := e.subscribe(b, e.organ("c", typeC))[0].takes(2)[0]
	same(e, "length of a payload", len(parked.Payload), len(want))
}

// wipe clears messages and their payloads.
func wipe(msgs []contract.Message) {
	for i := range msgs {
		clear(msgs[i].Payload)
	}
	clear(msgs)
}

// publishOneIsPublish for a single message: in order with others, once where that is asked
// for, and without a part of the payload kept.
func publishOneIsPublish(e *env) {
	b := e.open()
	one, ok := b.(contract.OnePublisher)
	if !ok {
		e.Skip("the backend has no PublishOne")
	}
	c := e.subscribe(b, e.organ("all", typeA))[0]
	for n := int64(1); n <= 3; n++ {
		msgs := encoded(e, b, messagesA(n, n))
		e.ok(publishOne(e.ctx, one, msgs[0]), "publish one")
		wipe(msgs)
	}
	once := encoded(e, b, messagesA(4, 4))[0]
	once.Once = true
	for range 2 {
		e.ok(publishOne(e.ctx, one, once), "publish one")
	}
	e.publish(b, messagesA(5, 5)...)
	c.takes(1, 2, 3, 4, 5)
	e.ok(b.Close(), "close")
	if _, err := one.PublishOne(e.ctx, once, contract.PublishOptions{}); !errors.Is(err, contract.ErrClosed) {
		e.Errorf("publish one: error %v, want %v", err, contract.ErrClosed)
	}
}

// publishOnceStoresOnce repeats a publish, with other events beside the repeated one, also
// after the first was handled.
func publishOnceStoresOnce(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	once := messagesA(1, 1)
	once[0].Once = true
	e.publish(b, once...)
	e.publish(b, append(messagesA(2, 2), once...)...)
	ds := c.takes(1, 2)
	c.ack(ds...)
	e.publish(b, once...)
	e.publish(b, messagesA(3, 3)...)
	c.takes(3)
}

// publishTellsDuplicates among others, by their places: an id that is remembered, one that comes twice in a call, and that
// of a delayed event which waits.
func publishTellsDuplicates(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	tell := func(msgs []contract.Message, want ...bool) {
		e.Helper()
		got, err := b.Publish(e.ctx, encoded(e, b, msgs), contract.PublishOptions{})
		e.ok(err, "publish")
		for i := range want {
			same(e, "duplicate", got.Has(i), want[i])
		}
	}
	msgs := messagesA(1, 4)
	msgs[1].Once, msgs[3].Once = true, true
	msgs[3].ID = msgs[1].ID
	tell(msgs, false, false, false, true)
	tell(append(messagesA(5, 5), msgs[1]), false, true)
	tell(messagesA(6, 7), false, false)
	c.ack(c.takes(1, 2, 3, 5, 6, 7)...)
	tell(msgs[1:2], true)
	if _, ok := b.(contract.DelayingBackend); ok {
		late := messagesA(8, 8)
		late[0].Once, late[0].Due = true, time.Now().Add(time.Hour).UnixNano()
		tell(late, false)
		tell(late, true)
	}
	if one, ok := b.(contract.OnePublisher); ok {
		duplicate, err := one.PublishOne(e.ctx, encoded(e, b, msgs[1:2])[0], contract.PublishOptions{})
		e.ok(err, "publish one")
		same(e, "duplicate", duplicate, true)
	}
}

// idIsRememberedAsLongAsAsked: no shorter, and no longer, whether the event has come or waits for its time. Another time in a
// later call changes nothing.
func idIsRememberedAsLongAsAsked(e *env) {
	b := e.open()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msgs := messagesA(1, 4)
	short, long, plain := &msgs[0], &msgs[1], &msgs[2]
	for i := range msgs {
		msgs[i].Once = true
	}
	publish := func(m *contract.Message) (duplicate bool) {
		e.Helper()
		duplicates, err := b.Publish(e.ctx, encoded(e, b, []contract.Message{*m}), contract.PublishOptions{})
		e.ok(err, "publish")
		return duplicates.Has(0)
	}
	began := time.Now()
	short.Remember, long.Remember = e.units(20), 1000*time.Hour
	for i := range msgs {
		same(e, "duplicate at first", publish(&msgs[i]), false)
	}
	c.ack(c.takes(1, 2, 3, 4)...)
	plain.Remember = 1
	long.Remember = 1
	for _, m := range []*contract.Message{plain, long} {
		same(e, "duplicate within its time", publish(m), true)
	}
	e.until("the id of the short time is forgotten", func() bool { return !publish(short) })
	if took := time.Since(began); took < e.units(20) {
		e.Errorf("an id is forgotten after %v, want %v", took, e.units(20))
	}
	for _, m := range []*contract.Message{plain, long} {
		same(e, "duplicate after the time of another", publish(m), true)
	}
	c.takes(1)
}

// fanOutIsIndependent has one organ fail, one succeed and one never look.
func fanOutIsIndependent(e *env) {
	b := e.open()
	cs := e.subscribe(b, e.organ("fails", typeA), e.organ("works", typeA), e.organ("idle", typeA))
	msg := message(&eventA{N: 1})
	e.publish(b, msg)
	fails, works := cs[0].one(), cs[1].one()
	same(e, "id", fails.ID, msg.ID)
	same(e, "id", works.ID, msg.ID)
	cs[0].settles(retry(fails, 0))
	cs[1].ack(works)

	again := cs[0].one()
	same(e, "attempts of the organ that failed", again.Attempts, 1)
	idle := cs[2].one()
	same(e, "attempts of another organ", idle.Attempts, 0)
	sameEnvelope(e, &idle.Message, &msg)
	same(e, "left for the organ that is done", stored(e.health(b, "works")), 0)
	cs[0].settles(bury(again, contract.Death{Reason: contract.ReasonPermanent}))
	cs[2].ack(idle)
}
