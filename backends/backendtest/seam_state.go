package backendtest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var stateTests = []test{
	{"StateMovesWithTheStep", stateMovesWithTheStep},
	{"StateConflictChangesNothing", stateConflictChangesNothing},
	{"StateConflictSpendsNoAttempt", stateConflictSpendsNoAttempt},
	{"StatesOfACallAreChained", statesOfACallAreChained},
	{"StateConflictTakesThoseBehindItAlong", stateConflictTakesThoseBehind},
	{"StateOfALostOutcomeIsNotWritten", stateOfALostOutcome},
	{"StateOfALostLeaseIsNotWritten", stateOfALostLease},
	{"StateOfARepeatedSettleIsLost", stateOfARepeatedSettle},
	{"StateIsRemoved", stateIsRemoved},
	{"StateMadeAgainIsAnotherOne", stateMadeAgain},
	{"StateStaysWithoutAnAck", stateStaysWithoutAnAck},
	{"StateOfWhatIsNotDoneIsRefused", stateOfWhatIsNotDone},
	{"StateIsWrittenByOneOfTwo", stateIsWrittenByOneOfTwo},
	{"StateLosesNoUpdate", stateLosesNoUpdate},
}

// Marks of the tests. They use the upper bit, as random ones do.
const (
	mark1 = 1<<63 + iota
	mark2
	mark3
	mark4
	mark5
)

const stateVersion = 3

// stateful opens a backend that keeps states.
func (e *env) stateful() contract.StatefulBackend {
	e.Helper()
	return e.states(e.open())
}

// states returns the backend as one that keeps states.
func (e *env) states(b contract.Backend) contract.StatefulBackend {
	e.Helper()
	s, ok := b.(contract.StatefulBackend)
	if !ok && slices.Contains(e.h.Lacks, States) {
		e.Skip("the backend keeps no states")
	}
	if !ok {
		e.Fatal("the backend is no contract.StatefulBackend, and its harness does not say that it lacks States")
	}
	return s
}

// keeping returns a plain subscription of an organ with state.
func (e *env) keeping(name string, events ...*contract.EventType) contract.Subscription {
	sub := e.organ(name, events...)
	sub.State = true
	return sub
}

// messagesOf returns events of type A with these keys, numbered from 1 on.
func messagesOf(keys ...string) []contract.Message {
	msgs := make([]contract.Message, len(keys))
	for i, key := range keys {
		msgs[i] = message(&eventA{N: int64(i + 1), Key: key})
	}
	return msgs
}

// writing is an ack that replaces the record with the mark read.
func writing(d *contract.Delivery, read, write uint64, value string, emit ...contract.Message) contract.Outcome {
	o := ack(d, emit...)
	o.State = &contract.StateWrite{Read: read, Write: write, Version: stateVersion, Value: []byte(value)}
	return o
}

// living is writing of a record that ends.
func living(d *contract.Delivery, read, write uint64, ttl time.Duration) contract.Outcome {
	o := writing(d, read, write, "lives")
	o.State.TTL = ttl
	return o
}

// ends settles outcomes, and wants these results.
func (c *consumer) ends(want contract.Results, outcomes ...contract.Outcome) {
	c.e.Helper()
	if got := c.resultsOf(outcomes...); !slices.Equal(got, want) {
		c.e.Errorf("settle: results %v, want %v (0 applied, 1 lost, 2 conflict)", got, want)
	}
}

var (
	applied  = contract.Results{contract.ResultApplied}
	lost     = contract.Results{contract.ResultLost}
	conflict = contract.Results{contract.ResultConflict}
)

// load returns the record of one key.
func (e *env) load(b contract.StatefulBackend, organ, key string) contract.StateRecord {
	e.Helper()
	return e.loadAll(b, organ, key)[0]
}

func (e *env) loadAll(b contract.StatefulBackend, organ string, keys ...string) []contract.StateRecord {
	e.Helper()
	records, err := b.LoadStates(e.ctx, organ, keys)
	e.ok(err, "load states")
	if len(records) != len(keys) {
		e.Fatalf("load states: %d records for %d keys", len(records), len(keys))
	}
	return records
}

// isState compares a record with the written state. The mark 0 stands for no record.
func (e *env) isState(what string, got contract.StateRecord, mark uint64, value string) {
	e.Helper()
	version := stateVersion
	if mark == 0 {
		version = 0
	}
	if got.Mark != mark || got.Version != version || string(got.Value) != value {
		e.Errorf("%s: mark %#x, version %d, %d bytes %.40q, want mark %#x, version %d, %d bytes %.40q",
			what, got.Mark, got.Version, len(got.Value), got.Value, mark, version, len(value), value)
	}
}

// hasState loads the record of a key, and compares it with the written state.
func (e *env) hasState(b contract.StatefulBackend, organ, key string, mark uint64, value string) {
	e.Helper()
	e.isState(organ+" "+key, e.load(b, organ, key), mark, value)
}

// stateMovesWithTheStep: it is absent before, and there for every process after the settle. Records come in the order of
// the keys that are asked for.
func stateMovesWithTheStep(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("x", "y")...)
	ds := c.takes(1, 2)
	for _, record := range e.loadAll(b, "keeper", "y", "x") {
		e.isState("before", record, 0, "")
	}
	c.ends(applied, writing(ds[0], 0, mark1, "one"))
	c.ends(applied, writing(ds[1], 0, mark2, "two"))
	for _, other := range []contract.StatefulBackend{b, e.states(e.attachProcess(b))} {
		got := e.loadAll(other, "keeper", "y", "none", "x", "y")
		e.isState("y", got[0], mark2, "two")
		e.isState("a key without a record", got[1], 0, "")
		e.isState("x", got[2], mark1, "one")
		e.isState("y again", got[3], mark2, "two")
		same(e, "records of no keys", len(e.loadAll(other, "keeper")), 0)
	}
	same(e, "left", stored(e.health(b, "keeper")), 0)
}

// stateConflictChangesNothing: neither the record nor the emissions are stored, and the delivery is still leased. It can be
// settled with the mark that the record has.
func stateConflictChangesNothing(e *env) {
	b := e.stateful()
	cs := e.subscribe(b, e.keeping("keeper", typeA), e.organ("out", typeB))
	c := cs[0]
	e.publish(b, messagesOf("k", "k", "k")...)
	ds := c.takes(1, 2, 3)
	c.ends(conflict, writing(ds[0], mark5, mark1, "no", message(&eventB{N: 1})))
	e.hasState(b, "keeper", "k", 0, "")
	c.ends(applied, writing(ds[0], 0, mark1, "one"))
	for _, read := range []uint64{0, mark5} {
		c.ends(conflict, writing(ds[1], read, mark2, "no", message(&eventB{N: 2})))
		c.ends(conflict, writing(ds[1], read, 0, "", message(&eventB{N: 2})))
	}
	e.hasState(b, "keeper", "k", mark1, "one")
	same(e, "emitted", stored(e.health(b, "out")), 0)
	same(e, "leased", e.health(b, "keeper").Leased, 2)
	same(e, "lost leases", len(c.extend(ds[1:]...)), 0)
	c.ends(applied, writing(ds[1], mark1, mark2, "two", message(&eventB{N: 3})))
	c.ends(applied, ack(ds[2]))
	e.hasState(b, "keeper", "k", mark2, "two")
	cs[1].ack(cs[1].takes(3)...)
	same(e, "left", stored(e.health(b, "keeper")), 0)
}

// stateConflictSpendsNoAttempt: a delivery that is released behind a conflict comes again as it was.
func stateConflictSpendsNoAttempt(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k")...)
	for range 5 {
		d := c.one()
		c.ends(conflict, writing(d, mark5, mark1, "no"))
		c.release(d)
	}
	d := c.one()
	same(e, "attempts", d.Attempts, 0)
	same(e, "declines", d.Declines, 0)
	same(e, "crashes", d.Crashes, 0)
	same(e, "suspect", d.Suspect, false)
	c.ends(applied, writing(d, 0, mark1, "one"))
}

// statesOfACallAreChained: each outcome of a key reads what the one before it has left, also a removal.
func statesOfACallAreChained(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("x", "y", "x", "x", "y", "z", "z", "z")...)
	ds := c.takes(1, 2, 3, 4, 5, 6, 7, 8)
	c.settles(
		writing(ds[0], 0, mark1, "x1"), writing(ds[1], 0, mark2, "y1"), writing(ds[2], mark1, mark3, "x2"),
		writing(ds[3], mark3, mark4, "x3"), writing(ds[4], mark2, 0, ""),
		writing(ds[5], 0, mark1, "z1"), writing(ds[6], mark1, 0, ""), writing(ds[7], 0, mark5, "z2"),
	)
	e.hasState(b, "keeper", "x", mark4, "x3")
	e.hasState(b, "keeper", "y", 0, "")
	e.hasState(b, "keeper", "z", mark5, "z2")
	same(e, "left", stored(e.health(b, "keeper")), 0)
}

// stateConflictTakesThoseBehind: an outcome that reads what a conflicting one in front of it would have left conflicts as
// well. Those of other keys, and those in front of it, are applied.
func stateConflictTakesThoseBehind(e *env) {
	b := e.stateful()
	cs := e.subscribe(b, e.keeping("keeper", typeA), e.organ("out", typeB))
	c := cs[0]
	e.publish(b, messagesOf("x", "x", "y", "x", "y", "x")...)
	ds := c.takes(1, 2, 3, 4, 5, 6)
	c.ends(contract.Results{contract.ResultApplied, contract.ResultConflict, contract.ResultApplied, contract.ResultConflict,
		contract.ResultApplied, contract.ResultConflict},
		writing(ds[0], 0, mark1, "x1", message(&eventB{N: 1})),
		writing(ds[1], mark5, mark2, "x2", message(&eventB{N: 2})),
		writing(ds[2], 0, mark1, "y1", message(&eventB{N: 3})),
		writing(ds[3], mark2, mark3, "x3", message(&eventB{N: 4})),
		writing(ds[4], mark1, mark2, "y2", message(&eventB{N: 5})),
		writing(ds[5], mark3, 0, "", message(&eventB{N: 6})))
	e.hasState(b, "keeper", "x", mark1, "x1")
	e.hasState(b, "keeper", "y", mark2, "y2")
	cs[1].ack(cs[1].takes(1, 3, 5)...)
	same(e, "emitted besides", stored(e.health(b, "out")), 0)
	same(e, "leased", e.health(b, "keeper").Leased, 3)
	c.settles(writing(ds[1], mark1, mark2, "x2"), writing(ds[3], mark2, mark3, "x3"), writing(ds[5], mark3, mark4, "x4"))
	e.hasState(b, "keeper", "x", mark4, "x4")
}

// stateOfALostOutcome is not written, though it has read the right mark. One behind it that has read what it would have
// left conflicts.
func stateOfALostOutcome(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("x", "x", "y")...)
	ds := c.takes(1, 2, 3)
	c.ends(applied, writing(ds[0], 0, mark1, "one"))
	c.ends(contract.Results{contract.ResultLost, contract.ResultConflict, contract.ResultApplied},
		writing(ds[0], mark1, mark2, "no"), writing(ds[1], mark2, mark3, "no"), writing(ds[2], 0, mark4, "y"))
	e.hasState(b, "keeper", "x", mark1, "one")
	e.hasState(b, "keeper", "y", mark4, "y")
	c.ends(contract.Results{contract.ResultApplied, contract.ResultLost},
		writing(ds[1], mark1, mark2, "two"), writing(ds[1], mark2, mark3, "no"))
	e.hasState(b, "keeper", "x", mark2, "two")
}

// stateOfALostLease: another process has the delivery. A backend may let the former holder win or not: one of the two
// writes the record.
func stateOfALostLease(e *env) {
	b := e.stateful()
	mortal := e.mortalOrgan("keeper", typeA)
	mortal.State = true
	former := e.subscribe(b, mortal)[0]
	other := e.states(e.attachProcess(b))
	holder := e.subscribe(other, mortal)[0]
	e.publish(b, messagesOf("k")...)
	late := former.one()
	d := holder.one() // waits until the lease has run out
	if former.resultsOf(writing(late, 0, mark1, "late"))[0] == contract.ResultApplied {
		e.hasState(b, "keeper", "k", mark1, "late")
		holder.ends(lost, writing(d, 0, mark2, "holder"))
		holder.ends(lost, writing(d, mark1, mark2, "holder"))
		e.hasState(b, "keeper", "k", mark1, "late")
		return
	}
	e.hasState(b, "keeper", "k", 0, "")
	holder.ends(applied, writing(d, 0, mark2, "holder"))
	former.ends(lost, writing(late, mark2, mark3, "late"))
	e.hasState(b, "keeper", "k", mark2, "holder")
}

// stateOfARepeatedSettle is lost and no conflict, though the record has another mark by then: the call before was applied,
// and running the handler again would do its work twice.
func stateOfARepeatedSettle(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k", "k")...)
	ds := c.takes(1, 2, 3)
	call := []contract.Outcome{writing(ds[0], 0, mark1, "one"), writing(ds[1], mark1, mark2, "two")}
	c.settles(call...)
	c.ends(contract.Results{contract.ResultLost, contract.ResultLost}, call...)
	e.hasState(b, "keeper", "k", mark2, "two")
	c.ends(applied, writing(ds[2], mark2, mark3, "three"))
	c.ends(contract.Results{contract.ResultLost, contract.ResultLost}, call...)
	e.hasState(b, "keeper", "k", mark3, "three")
}

func stateIsRemoved(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k", "k")...)
	ds := c.takes(1, 2, 3)
	c.ends(applied, writing(ds[0], 0, mark1, "one"))
	c.ends(applied, writing(ds[1], mark1, 0, ""))
	e.hasState(b, "keeper", "k", 0, "")
	same(e, "records", len(e.allStates(b, "keeper", 10)), 0)
	c.ends(applied, writing(ds[2], 0, 0, "")) // there is nothing to be removed
	e.hasState(b, "keeper", "k", 0, "")
}

// stateMadeAgain has another mark than the one that was removed: an outcome that has read the removed one conflicts.
func stateMadeAgain(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k", "k", "k")...)
	ds := c.takes(1, 2, 3, 4)
	c.ends(applied, writing(ds[0], 0, mark1, "same"))
	c.ends(applied, writing(ds[1], mark1, 0, ""))
	c.ends(applied, writing(ds[2], 0, mark2, "same"))
	c.ends(conflict, writing(ds[3], mark1, mark3, "no"))
	c.ends(conflict, writing(ds[3], 0, mark3, "no"))
	e.hasState(b, "keeper", "k", mark2, "same")
}

// stateStaysWithoutAnAck: a retry, a decline and a dead letter leave the record alone, and so does an ack without a state.
func stateStaysWithoutAnAck(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k")...)
	c.ends(applied, writing(c.one(), 0, mark1, "one"))
	d := c.one()
	c.settles(retry(d, 0))
	d = c.one()
	same(e, "attempts", d.Attempts, 1)
	c.settles(decline(d, 0))
	c.settles(bury(c.one(), contract.Death{Reason: contract.ReasonPermanent}))
	e.hasState(b, "keeper", "k", mark1, "one")
	e.publish(b, messagesOf("k")...)
	c.settles(ack(c.one()))
	e.hasState(b, "keeper", "k", mark1, "one")
}

// stateOfWhatIsNotDone is an error, and then nothing of the call is applied; so is one of an event without a key.
func stateOfWhatIsNotDone(e *env) {
	b := e.stateful()
	c := e.subscribe(b, e.keeping("keeper", typeA))[0]
	e.publish(b, messagesOf("k", "k", "")...)
	ds := c.takes(1, 2, 3)
	state := writing(ds[1], 0, mark2, "no").State
	for _, bad := range []contract.Outcome{
		retry(ds[1], 0), decline(ds[1], 0), ack(ds[2]), bury(ds[2], contract.Death{Reason: contract.ReasonPermanent}),
	} {
		bad.State = state
		if _, err := c.Settle(e.ctx, []contract.Outcome{writing(ds[0], 0, mark1, "no"), bad}); err == nil {
			e.Errorf("an outcome of kind %d with a state is settled", bad.Kind)
		}
	}
	e.hasState(b, "keeper", "k", 0, "")
	same(e, "leased", e.health(b, "keeper").Leased, 3)
	c.ack(ds...)
}

// stateIsWrittenByOneOfTwo: of two processes that settle deliveries of a key at one time, and have read the same record, one
// writes. The other one conflicts, and writes behind it.
func stateIsWrittenByOneOfTwo(e *env) {
	const rounds = 30
	b := e.stateful()
	other := e.states(e.attachProcess(b))
	cs := []*consumer{e.subscribe(b, e.keeping("keeper", typeA))[0], e.subscribe(other, e.keeping("keeper", typeA))[0]}
	mark := uint64(0)
	for round := range uint64(rounds) {
		e.publish(b, messagesOf("k")...)
		first := cs[0].one()
		e.publish(b, messagesOf("k")...)
		ds := []*contract.Delivery{first, cs[1].one()}
		results := make([]contract.Result, 2)
		var settling sync.WaitGroup
		for i, c := range cs {
			settling.Go(func() {
				got, err := c.Settle(e.ctx, []contract.Outcome{writing(ds[i], mark, mark1+2*round+uint64(i), "raced")})
				if err != nil {
					e.Errorf("settle: %v", err)
				}
				results[i] = got.At(0)
			})
		}
		settling.Wait()
		won := slices.Index(results, contract.ResultApplied)
		if won < 0 || results[1-won] != contract.ResultConflict {
			e.Fatalf("round %d: results %v, want one applied (0) and one in conflict (2)", round, results)
		}
		mark = mark1 + 2*round + uint64(won)
		e.hasState(b, "keeper", "k", mark, "raced")
		cs[1-won].ends(applied, writing(ds[1-won], mark, mark1+2*rounds+round, "behind"))
		mark = mark1 + 2*rounds + round
	}
}

// stateLosesNoUpdate counts deliveries of one key in its record, by two processes at a time. A conflict loads the record
// again.
func stateLosesNoUpdate(e *env) {
	const count = 120
	b := e.stateful()
	keys := slices.Repeat([]string{"k"}, count)
	backends := []contract.StatefulBackend{b, e.states(e.attachProcess(b))}
	cs := make([]*consumer, len(backends))
	for i := range backends {
		cs[i] = e.subscribe(backends[i], e.keeping("keeper", typeA))[0]
	}
	e.publish(b, messagesOf(keys...)...)
	var marks atomic.Uint64
	var left atomic.Int64
	left.Store(count)
	ctx, stop := e.during(time.Hour)
	defer stop()
	var counting sync.WaitGroup
	for i, c := range cs {
		counting.Go(func() {
			for {
				ds, err := c.fetch(ctx, 1)
				if err != nil {
					return // the last one was counted, or the test ends
				}
				for {
					records, err := backends[i].LoadStates(e.ctx, "keeper", []string{"k"})
					if err != nil {
						e.Errorf("load states: %v", err)
						return
					}
					o := writing(&ds[0], records[0].Mark, mark1+marks.Add(1), string(records[0].Value)+"+")
					results, err := c.Settle(e.ctx, []contract.Outcome{o})
					if err != nil {
						e.Errorf("settle: %v", err)
						return
					}
					if results.At(0) == contract.ResultApplied {
						break
					}
				}
				if left.Add(-1) == 0 {
					stop()
				}
			}
		})
	}
	counting.Wait()
	same(e, "counted", len(e.load(b, "keeper", "k").Value), count)
	same(e, "left", stored(e.health(b, "keeper")), 0)
}
