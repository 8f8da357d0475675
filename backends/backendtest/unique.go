package backendtest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var uniqueTests = []test{
	{"UniqueEventIsStoredOnce", uniqueIsStoredOnce},
	{"UniqueEndsWithTheLastOrgan", uniqueEndsWithTheLastOrgan},
	{"UniqueEndsWithItsTime", uniqueEndsWithItsTime},
	{"UniqueHoldsWhileDelayed", uniqueHoldsWhileDelayed},
	{"UniqueHoldsInAPark", uniqueHoldsInAPark},
	{"UniqueComparesTheID", uniqueComparesTheID},
	{"UniqueIsKnownByItsID", uniqueIsKnownByItsID},
	{"UniqueDuplicateIsNotRemembered", uniqueDuplicateIsNotRemembered},
	{"UniqueEndsThoughOrgansSettleAtOnce", uniqueEndsThoughOrgansSettleAtOnce},
	{"UniqueOfManyPublishersIsOne", uniqueOfManyPublishers},
}

var spineUniqueTests = []test{
	{"ReceiptTellsTheUniqueEvent", receiptTellsTheUnique},
	{"LackingUniquesAreRefused", lackingUniquesAreRefused},
}

// keepingUniques opens a backend that keeps unique events.
func (e *env) keepingUniques() contract.Backend {
	e.Helper()
	b := asTrait[contract.UniqueBackend](e, e.open(), Uniques)
	if !b.KeepsUnique() {
		e.Fatal("the backend keeps no unique events, and its harness does not say that it lacks Uniques")
	}
	return b
}

// unique returns a message that is unique for longer than a test lasts.
func unique(ev contract.Event) contract.Message {
	m := message(ev)
	m.Unique = 1000 * time.Hour
	return m
}

// publishesUnique publishes a message, and wants it to be stored, or to be told of the one that is there.
func (e *env) publishesUnique(b contract.Backend, m, there contract.Message) {
	e.Helper()
	duplicates, err := b.Publish(e.ctx, encoded(e, b, []contract.Message{m}), contract.PublishOptions{})
	e.ok(err, "publish")
	same(e, "stored in its place", duplicates.Of(0), there.ID)
}

// isStored stands for no event in the place of one.
var isStored contract.Message

// uniqueIsStoredOnce: one of a name and a key, also within a call, and one without a key. Those that are not unique are
// stored all.
func uniqueIsStoredOnce(e *env) {
	b := e.keepingUniques()
	c := e.subscribe(b, e.organ("all", typeA, typeB))[0]
	first := unique(&eventA{N: 1, Key: "k"})
	within := unique(&eventA{N: 2, Key: "k"})
	duplicates, err := b.Publish(e.ctx, encoded(e, b, []contract.Message{first, within}), contract.PublishOptions{})
	e.ok(err, "publish")
	same(e, "stored in the place of the first", duplicates.Of(0), contract.ID{})
	same(e, "stored in the place of the second", duplicates.Of(1), first.ID)
	e.publishesUnique(b, unique(&eventA{N: 3, Key: "k"}), first)
	e.publishesUnique(b, unique(&eventA{N: 4, Key: "other"}), isStored)
	keyless := unique(&eventA{N: 5})
	e.publishesUnique(b, keyless, isStored)
	e.publishesUnique(b, unique(&eventA{N: 6}), keyless)
	e.publishesUnique(b, message(&eventA{N: 7, Key: "k"}), isStored)
	c.takes(1, 4, 5, 7)
	same(e, "stored", stored(e.health(b, "all")), 4)
}

// uniqueEndsWithTheLastOrgan, whichever way it is done with the event; trying again does not end it.
func uniqueEndsWithTheLastOrgan(e *env) {
	b := e.keepingUniques()
	cs := e.subscribe(b, e.organ("one", typeA), e.organ("two", typeA))
	event := func(n int64) contract.Message { return unique(&eventA{N: n, Key: "k"}) }
	first := event(1)
	e.publishesUnique(b, first, isStored)
	d := cs[0].one()
	cs[0].settles(retry(d, 0))
	e.publishesUnique(b, event(2), first)
	cs[0].settles(decline(cs[0].one(), 0))
	e.publishesUnique(b, event(2), first)
	cs[0].ack(cs[0].one())
	e.publishesUnique(b, event(2), first)
	cs[1].settles(bury(cs[1].one(), contract.Death{Reason: contract.ReasonPermanent}))

	second := event(2)
	e.publishesUnique(b, second, isStored)
	cs[0].ack(cs[0].takes(2)...)
	e.publishesUnique(b, event(3), second)
	if _, ok := b.(contract.Admin); ok {
		e.ok(cs[1].Close(), "close")
		e.ok(e.admin(b).RemoveOrgan(e.ctx, "two"), "remove organ")
		e.publishesUnique(b, event(3), isStored)
	}
}

// uniqueEndsWithItsTime though no organ has settled the event, and the end of the late one ends nothing.
func uniqueEndsWithItsTime(e *env) {
	b := e.keepingUniques()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	first := message(&eventA{N: 1, Key: "k"})
	first.Unique = e.units(20)
	began := time.Now()
	e.publishesUnique(b, first, isStored)
	var second contract.Message
	e.until("the time is over", func() bool {
		second = unique(&eventA{N: 2, Key: "k"})
		duplicates, err := b.Publish(e.ctx, encoded(e, b, []contract.Message{second}), contract.PublishOptions{})
		e.ok(err, "publish")
		return !duplicates.Has(0)
	})
	if took := time.Since(began); took < e.units(20) {
		e.Errorf("another event is stored after %v, want %v", took, e.units(20))
	}
	ds := c.takes(1, 2)
	c.ack(ds[0])
	e.publishesUnique(b, unique(&eventA{N: 3, Key: "k"}), second)
	c.ack(ds[1])
	e.publishesUnique(b, unique(&eventA{N: 3, Key: "k"}), isStored)
}

// uniqueHoldsWhileDelayed: while it waits, and then until it is settled. Its time begins when it is due, and Cancel ends it.
func uniqueHoldsWhileDelayed(e *env) {
	b := e.delays(e.keepingUniques())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	cancelled := dueIn(unique(&eventA{N: 1, Key: "k"}), time.Hour)
	cancelled.Unique = 1
	e.publishesUnique(b, cancelled, isStored)
	e.publishesUnique(b, unique(&eventA{N: 2, Key: "k"}), cancelled)
	e.cancel(b, cancelled.ID, true)
	late := dueIn(unique(&eventA{N: 3, Key: "k"}), e.units(10))
	e.publishesUnique(b, late, isStored)
	d := c.takes(3)
	e.publishesUnique(b, unique(&eventA{N: 4, Key: "k"}), late)
	c.ack(d...)
	e.publishesUnique(b, unique(&eventA{N: 5, Key: "k"}), isStored)
}

// uniqueHoldsInAPark, and with the organs that get the park.
func uniqueHoldsInAPark(e *env) {
	b := e.keepingUniques()
	first := unique(&eventA{N: 1, Key: "k"})
	e.publishesUnique(b, first, isStored)
	e.publishesUnique(b, unique(&eventA{N: 2, Key: "k"}), first)
	cs := e.subscribe(b, e.organ("one", typeA), e.organ("two", typeA))
	cs[0].ack(cs[0].takes(1)...)
	e.publishesUnique(b, unique(&eventA{N: 2, Key: "k"}), first)
	cs[1].ack(cs[1].takes(1)...)
	e.publishesUnique(b, unique(&eventA{N: 3, Key: "k"}), isStored)
}

// uniqueComparesTheID: a dead letter that is redriven is stored beside the event in its former place, and ends nothing of it.
func uniqueComparesTheID(e *env) {
	b := e.keepingUniques()
	admin := e.admin(b)
	c := e.subscribe(b, e.organ("all", typeA))[0]
	e.publishesUnique(b, unique(&eventA{N: 1, Key: "k"}), isStored)
	c.settles(bury(c.one(), contract.Death{Reason: contract.ReasonPermanent}))
	second := unique(&eventA{N: 2, Key: "k"})
	e.publishesUnique(b, second, isStored)
	n, err := admin.Redrive(e.ctx, "all", e.deadLetters(b, "all")[0].ID)
	e.ok(err, "redrive")
	same(e, "redriven", n, 1)
	ds := c.takesAny(1, 2)
	for _, d := range ds {
		if numberOf(&d.Message) == 1 {
			c.ack(d)
		}
	}
	e.publishesUnique(b, unique(&eventA{N: 3, Key: "k"}), second)
}

// uniqueIsKnownByItsID: a second event with the id of one that is there is that one, also under another key: it takes no place, and
// frees none.
func uniqueIsKnownByItsID(e *env) {
	b := e.keepingUniques()
	e.delays(b)
	e.subscribe(b, e.organ("all", typeA))
	later := dueIn(contract.Message{}, time.Hour).Due
	for _, due := range []int64{0, later} {
		first := unique(&eventA{N: 1, Key: "k" + fmt.Sprint(due)})
		first.Due = due
		e.publishesUnique(b, first, isStored)
		again := unique(&eventA{N: 1, Key: "other" + fmt.Sprint(due)})
		again.ID, again.Due = first.ID, due
		e.publishesUnique(b, again, first)
		e.publishesUnique(b, unique(&eventA{N: 2, Key: first.Key}), first)
		e.publishesUnique(b, unique(&eventA{N: 3, Key: again.Key}), isStored)
	}
	plain := message(&eventA{N: 4, Key: "plain"})
	plain.Due = later
	e.publishesUnique(b, plain, isStored)
	again := unique(&eventA{N: 4, Key: "plain"})
	again.ID, again.Due = plain.ID, later
	e.publishesUnique(b, again, plain)
	e.publishesUnique(b, unique(&eventA{N: 5, Key: "plain"}), isStored)
}

// uniqueDuplicateIsNotRemembered: an event with an id of the caller's that found its place taken was never published, also where
// the one in its place came in the same call. One that was is not stored again, and takes no place.
func uniqueDuplicateIsNotRemembered(e *env) {
	b := e.keepingUniques()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	event := func(n int64) contract.Message {
		m := unique(&eventA{N: n, Key: "k"})
		m.Once = true
		return m
	}
	first, second, third := event(1), event(2), event(3)
	duplicates, err := b.Publish(e.ctx, encoded(e, b, []contract.Message{first, second}), contract.PublishOptions{})
	e.ok(err, "publish")
	same(e, "stored in the place of the second", duplicates.Of(1), first.ID)
	e.publishesUnique(b, third, first)
	c.ack(c.takes(1)...)
	e.publishesUnique(b, third, isStored)
	c.ack(c.takes(3)...)
	e.publishesUnique(b, first, first)
	e.publishesUnique(b, second, isStored)
	c.takes(2)
}

// uniqueEndsThoughOrgansSettleAtOnce: of the organs that have an event each may take itself for the last one, or none.
func uniqueEndsThoughOrgansSettleAtOnce(e *env) {
	const events = 20
	b := e.keepingUniques()
	cs := e.subscribe(b, e.organ("one", typeA), e.organ("two", typeA), e.organ("three", typeA))
	publish := func(n int) { e.publishesUnique(b, unique(&eventA{N: int64(n), Key: fmt.Sprint(n)}), isStored) }
	for n := range events {
		publish(n)
	}
	var settles sync.WaitGroup
	for n := range events {
		for _, c := range cs {
			d := c.takes(int64(n))
			settles.Go(func() {
				if _, err := c.Settle(e.ctx, []contract.Outcome{ack(d[0])}); err != nil {
					e.Errorf("settle: %v", err)
				}
			})
		}
	}
	settles.Wait()
	for n := range events {
		publish(n)
	}
}

// uniqueOfManyPublishers: of those that two processes publish at the same moment one is stored, and all others are told of it.
func uniqueOfManyPublishers(e *env) {
	b := e.keepingUniques()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	backends := []contract.Backend{b, e.attachProcess(b)}
	var mu sync.Mutex
	var told []contract.ID
	var publishers sync.WaitGroup
	for n := range 16 {
		publishers.Go(func() {
			m := unique(&eventA{N: int64(n), Key: "k"})
			duplicates, err := backends[n%2].Publish(e.ctx, encoded(e, b, []contract.Message{m}), contract.PublishOptions{})
			if err != nil {
				e.Errorf("publish: %v", err)
			}
			id := m.ID
			if duplicates.Has(0) {
				id = duplicates.Of(0)
			}
			mu.Lock()
			defer mu.Unlock()
			told = append(told, id)
		})
	}
	publishers.Wait()
	d := c.one()
	same(e, "stored", stored(e.health(b, "all")), 1)
	for _, id := range told {
		same(e, "the event that is told", id, d.ID)
	}
}

// receiptTellsTheUnique: the id of the event that is there.
func receiptTellsTheUnique(e *env) {
	b := e.keepingUniques()
	var got journal[int64]
	s, err := necro.New(b, necro.WithOrgans(newOrgan("all", e.policy(), sink[kindA](&got))), necro.WithLogger(nil))
	e.ok(err, "new spine")
	var first, second necro.Receipt
	e.ok(s.Publish(e.ctx, &eventA{N: 1, Key: "k"}, necro.WithUnique(time.Hour), necro.WithReceipt(&first)), "publish")
	e.ok(s.Publish(e.ctx, &eventA{N: 2, Key: "k"}, necro.WithUnique(time.Hour), necro.WithReceipt(&second)), "publish")
	same(e, "first is a duplicate", first.Duplicate, false)
	same(e, "second", second, necro.Receipt{ID: first.ID, Duplicate: true})
	e.drain(s)
	e.ok(s.Publish(e.ctx, &eventA{N: 3, Key: "k"}, necro.WithUnique(time.Hour), necro.WithReceipt(&second)), "publish")
	same(e, "third is a duplicate", second.Duplicate, false)
}

// lackingUniquesAreRefused when the event is published.
func lackingUniquesAreRefused(e *env) {
	lacking := struct{ contract.Backend }{e.open()}
	s, err := necro.New(lacking, necro.WithLogger(nil))
	e.ok(err, "new spine")
	if err := s.Publish(e.ctx, &eventA{N: 1}, necro.WithUnique(time.Hour)); err == nil || !strings.Contains(err.Error(), "keeps no unique events") {
		e.Errorf("publish: %v", err)
	}
}
