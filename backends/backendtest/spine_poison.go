package backendtest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var poisonTests = []test{
	{"PanicBecomesADeadLetterWithItsStack", panicBecomesADeadLetter},
	{"UndecodableBytesAreDeadLettered", undecodableBytes},
	{"TrailingBytesAreDeadLettered", trailingBytes},
	{"InvalidBytesAreDeadLettered", invalidBytes},
	{"PoisonLetsOthersPass", poisonLetsOthersPass},
	{"RedrivenPoisonIsHandled", redrivenPoison},
	{"UnknownTypeIsDeclinedThenDeadLettered", unknownType},
	{"UnknownVersionIsDeclined", unknownVersion},
	{"DeclinedDeliveryFindsItsProgram", declinedFindsItsProgram},
	{"DeclinesGrowRare", declinesGrowRare},
	{"DeclineIsSoonHad", declineIsSoonHad},
	{"CrashingDeliveryIsDeadLettered", crashingDelivery},
	{"WaitingSuspectIsNotMarked", waitingSuspect},
	{"HangingSuspectStopsNoOther", hangingSuspect},
	{"CrashedSuspectRunsAlone", crashedSuspectRunsAlone},
	{"SuspectsRunSideBySide", suspectsRunSideBySide},
	{"CrashedGroupRunsOneByOne", crashedGroupRunsOneByOne},
}

func panicBecomesADeadLetter(e *env) {
	b := e.open()
	var calls journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(_ context.Context, ev *eventA, _ emit) error {
		calls.add(ev.N)
		panicHere()
		return nil
	}))))
	e.sendA(s, 1, 1)
	stats := e.drain(s)
	same(e, "calls", calls.len(), 5)
	same(e, "counted as dead", stats.Dead, 1)
	l := e.theLetter(b, "all")
	same(e, "reason", l.Reason, contract.ReasonExhausted)
	if !strings.Contains(l.Error, "the poison") {
		e.Errorf("error text %q does not hold the panic's value", l.Error)
	}
	if !strings.Contains(l.Stack, "panicHere") {
		e.Errorf("stack does not lead to the panic:\n%s", l.Stack)
	}
}

func panicHere() { panic(errors.New("the poison")) }

// runPoisoned runs an organ on bytes that it cannot use: they become a dead letter, as they
// are, without a call.
func runPoisoned(e *env, payload []byte, reason contract.Reason) {
	e.Helper()
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](&got))))
	e.sendA(s, 1, 1)
	bad := message(&eventA{})
	bad.Event, bad.Payload = nil, payload
	e.ok(publishAll(e.ctx, b, []contract.Message{bad}), "publish")
	e.sendA(s, 2, 2)
	e.drain(s)
	wants(e, "handled", &got, 1, 2)
	l := e.theLetter(b, "all")
	same(e, "reason", l.Reason, reason)
	same(e, "id", l.Message.ID, bad.ID)
	if !bytes.Equal(l.Message.Payload, payload) {
		e.Errorf("payload: got %x, want %x", l.Message.Payload, payload)
	}
	if l.Error == "" {
		e.Error("the dead letter does not say what is wrong")
	}
}

func undecodableBytes(e *env) { runPoisoned(e, []byte("\xc1 not msgpack"), contract.ReasonUndecodable) }

func trailingBytes(e *env) {
	payload, err := (&eventA{N: 1}).AppendMsgpack(nil)
	e.ok(err, "encode")
	runPoisoned(e, append(payload, 0xc0), contract.ReasonUndecodable)
}

func invalidBytes(e *env) {
	payload, err := (&eventA{N: invalid}).AppendMsgpack(nil)
	e.ok(err, "encode")
	runPoisoned(e, payload, contract.ReasonInvalid)
}

func poisonLetsOthersPass(e *env) {
	b := e.open()
	var got journal[int64]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(_ context.Context, ev *eventA, _ emit) error {
		if ev.N%5 == 0 {
			panic("poison")
		}
		got.add(ev.N)
		return nil
	}))))
	e.sendA(s, 1, 20)
	e.drain(s)
	same(e, "handled", got.len(), 16)
	same(e, "dead", e.health(b, "all").Dead, 4)
}

// redrivenPoison is given up, its cause is mended, and it is handled as if it were new.
func redrivenPoison(e *env) {
	b := e.open()
	admin := e.admin(b)
	var mu sync.Mutex
	broken := true
	var attempts journal[int]
	s := e.spine(b, organs(newOrgan("all", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
		m, _ := necro.MetaFrom(ctx)
		attempts.add(m.Attempt)
		mu.Lock()
		defer mu.Unlock()
		if broken {
			return contract.Permanent(errors.New("no such customer"))
		}
		return nil
	}))))
	e.sendA(s, 1, 1)
	e.drain(s)
	mu.Lock()
	broken = false
	mu.Unlock()
	n, err := admin.Redrive(e.ctx, "all", e.theLetter(b, "all").ID)
	e.ok(err, "redrive")
	same(e, "redriven", n, 1)
	e.drain(s)
	wants(e, "attempts", &attempts, 1, 1)
	same(e, "dead", e.health(b, "all").Dead, 0)
}

// olderProgram binds an organ to two types, as a newer program does, publishes one message, and
// returns a spine of an older program that knows type A alone.
func olderProgram(e *env, b contract.Backend, msg contract.Message, got *journal[int64], options ...necro.Option) *necro.Spine {
	e.Helper()
	e.subscribe(b, e.organ("all", typeA, msg.Type))[0].close()
	e.publish(b, msg)
	return e.spine(b, organs(newOrgan("all", e.policy(), sink[kindA](got))), options...)
}

func unknownType(e *env) {
	b := e.open()
	var got journal[int64]
	s := olderProgram(e, b, message(&eventB{N: 1}), &got, necro.WithDeclineLimit(3*time.Second))
	since := time.Now()
	p := e.run(s)
	e.sendA(s, 2, 2)
	e.until("it is given up", func() bool { return e.health(b, "all").Dead == 1 })
	e.notBefore(since, 3*time.Second)
	p.stop()
	l := e.theLetter(b, "all")
	same(e, "reason", l.Reason, contract.ReasonUnknownType)
	same(e, "attempts", l.Attempts, 0)
	if n := s.Stats().Declined; n < 2 {
		e.Errorf("declined %d times, want it to have waited at least twice", n)
	}
	if routes := s.Stats().Routes; routes[len(routes)-1].Event != "" || routes[len(routes)-1].Declined < 2 {
		e.Errorf("the counters of routes do not tell of what was declined: %+v", routes)
	}
	wants(e, "handled meanwhile", &got, 2)
}

// unknownVersion is newer than what the program knows.
func unknownVersion(e *env) {
	b := e.open()
	e.subscribe(b, e.organ("all", typeNew))[0].close()
	newer := message(&eventNew{N: 1})
	payload, err := newer.Encoded()
	e.ok(err, "encode")
	newer.Type, newer.Event, newer.Payload = &contract.EventType{Name: typeNew.Name, Version: 3}, nil, payload
	e.publish(b, newer)
	var got journal[int64]
	p := e.run(e.spine(b, organs(newOrgan("all", e.policy(), sink[kindNew](&got)))))
	e.until("it is declined", func() bool { return e.health(b, "all").Scheduled == 1 })
	p.stop()
	same(e, "handled", got.len(), 0)
	same(e, "dead", e.health(b, "all").Dead, 0)
}

// declinedFindsItsProgram during a rollout, with no attempt spent.
func declinedFindsItsProgram(e *env) {
	b := e.open()
	var older, newer journal[int64]
	p := e.run(olderProgram(e, b, message(&eventB{N: 1}), &older))
	e.until("it is declined", func() bool { return e.health(b, "all").Scheduled == 1 })
	p.stop()
	var attempts journal[int]
	e.drain(e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), sink[kindA](&newer),
		on(func(ctx context.Context, ev *eventB, _ emit) error {
			m, _ := necro.MetaFrom(ctx)
			attempts.add(m.Attempt)
			newer.add(ev.N)
			return nil
		})))))
	wants(e, "handled", &newer, 1)
	wants(e, "attempt", &attempts, 1)
	same(e, "handled by the older program", older.len(), 0)
}

// declinesGrowRare: an event that waits for a program costs this one less and less.
func declinesGrowRare(e *env) {
	if !e.h.Virtual {
		e.Skip("takes half a minute")
	}
	b := e.open()
	var got journal[int64]
	s := olderProgram(e, b, message(&eventB{N: 1}), &got)
	p := e.run(s)
	e.wait(30 * time.Second)
	p.stop()
	if n := s.Stats().Declined; n < 10 || n > 12 {
		e.Errorf("declined %d times within 30 s, want 11: after 0, 20 and 60 ms and so on", n)
	}
}

// declineIsSoonHad: what one process does not know, another one can have in a moment.
func declineIsSoonHad(e *env) {
	if !e.h.Virtual {
		e.Skip("a clock that runs may stand still for longer than a moment")
	}
	b := e.open()
	var got journal[int64]
	s := olderProgram(e, b, message(&eventB{N: 1}), &got)
	p := e.run(s)
	e.wait(10 * time.Millisecond)
	p.stop()
	if s.Stats().Declined == 0 {
		e.Error("the older program has not declined the event")
	}
	c := e.freshConsumer(b)
	began := time.Now()
	c.one()
	if took := time.Since(began); took > 100*time.Millisecond {
		e.Errorf("another process has the event after %s, want 100ms at most", took)
	}
}

// suspectedBackend returns a backend with events of type A that a process held when it crashed.
func suspectedBackend(e *env, events int64) contract.Backend {
	e.Helper()
	b := e.open()
	c := e.freshConsumer(b)
	e.publish(b, messagesA(1, events)...)
	c.take(int(events))
	c.close()
	return b
}

// waitingSuspect: while suspects run, for longer than a lease, and take their process along, others wait.
// They are innocent: with one handler, with two in a group, and with two of which one waits for its turn to
// run alone.
func waitingSuspect(e *env) {
	suspectsWait(e, 1, 0)
	suspectsWait(e, 2, 0)
	suspectsWait(e, 2, 1)
}

func suspectsWait(e *env, handlers int, crashes int32) {
	const events = 4
	b := suspectedBackend(e, events)
	if crashes > 0 {
		c := e.freshConsumer(b)
		c.extend(c.take(events)...)
		c.close()
	}
	run := handlers
	if crashes > 0 {
		run = 1 // alone
	}
	faulty := NewFaulty(e.attachProcess(b), Plan{})
	policy := e.policy()
	policy.Concurrency = handlers
	var ran journal[int64]
	s := e.spine(faulty, organs(newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		ran.add(ev.N)
		err := idle(ctx, 3*e.lease())
		faulty.Kill()
		return err
	}))), necro.WithLease(e.lease()), necro.WithGrace(e.h.Unit))
	p := e.run(s)
	e.until("suspects run", func() bool { return ran.len() == run })
	e.wait(4 * e.lease())
	p.cancel()
	p.wait()
	same(e, "suspects that ran", ran.len(), run)
	for _, d := range e.freshConsumer(b).take(events) {
		want := crashes
		if slices.Contains(ran.all(), numberOf(&d.Message)) {
			want++
		}
		same(e, "crashes", d.Crashes, want)
	}
}

// hangingSuspect of one organ: another organ's suspect is handled at once.
func hangingSuspect(e *env) {
	b := e.open()
	admin := e.admin(b)
	var got journal[int64]
	subs := []contract.Subscription{e.mortalOrgan("hangs", typeA), e.mortalOrgan("works", typeA)}
	cs := e.subscribe(b, subs...)
	e.publish(b, messagesA(1, 1)...)
	for _, c := range cs {
		c.one()
		c.close()
	}
	e.ok(admin.Pause(e.ctx, "works", "not yet"), "pause")
	g := newGate()
	s := e.spine(b, organs(
		newOrgan("hangs", e.policy(), on(func(ctx context.Context, _ *eventA, _ emit) error {
			g.entered <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})),
		newOrgan("works", e.policy(), sink[kindA](&got)),
	), necro.WithGrace(e.h.Unit))
	p := e.run(s)
	e.untilEntered(g)
	e.ok(admin.Resume(e.ctx, "works"), "resume")
	start := time.Now()
	e.until("the other suspect is handled", func() bool { return got.len() == 1 })
	if took := time.Since(start); e.h.Virtual && took > time.Second {
		e.Errorf("the suspect waited %s for one of another organ", took)
	}
	p.cancel()
	p.wait()
}

// crashedSuspectRunsAlone: two deliveries of two organs were marked as started when their process died.
// Only one of them can be the cause, so they run one after the other.
func crashedSuspectRunsAlone(e *env) {
	b := e.open()
	subs := []contract.Subscription{e.mortalOrgan("left", typeA), e.mortalOrgan("right", typeA)}
	cs := e.subscribe(b, subs...)
	e.publish(b, messagesA(1, 1)...)
	for _, c := range cs {
		c.one()
		c.close()
	}
	for _, c := range e.subscribe(e.attachProcess(b), subs...) {
		c.extend(c.one())
		c.close()
	}
	g := newGate()
	var running, most atomic.Int64
	handler := on(func(context.Context, *eventA, emit) error {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		g.passGate()
		return nil
	})
	s := e.spine(b, organs(newOrgan("left", e.policy(), handler), newOrgan("right", e.policy(), handler)))
	p := e.run(s)
	e.untilEntered(g)
	e.wait(e.units(3))
	close(g.open)
	e.until("both are handled", func() bool { return s.Stats().Handled == 2 })
	p.stop()
	same(e, "crashed suspects side by side", most.Load(), 1)
}

// suspectsRunSideBySide: a process died that had leased many deliveries, which is as good as nothing known
// against each of them. They run as any others, so that recovery takes a lease and the work itself.
func suspectsRunSideBySide(e *env) {
	const events, handlers = 8, 4
	b := suspectedBackend(e, events)
	g := newGate()
	var calls sideBySide
	policy := e.policy()
	policy.Concurrency = handlers
	s := e.spine(b, organs(newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		defer calls.enter()()
		g.passGate()
		return nil
	}))))
	p := e.run(s)
	for range handlers {
		e.untilEntered(g)
	}
	close(g.open)
	e.until("all are handled", func() bool { return s.Stats().Handled == events })
	p.stop()
	same(e, "side by side", calls.most.Load(), handlers)
}

// sideBySide counts calls that run at a time.
type sideBySide struct{ running, most atomic.Int64 }

func (s *sideBySide) enter() (leave func()) {
	now := s.running.Add(1)
	for was := s.most.Load(); now > was && !s.most.CompareAndSwap(was, now); was = s.most.Load() {
	}
	return func() { s.running.Add(-1) }
}

// crashedGroupRunsOneByOne: a process died while suspects ran in a group. Each of them runs alone from
// then on, though the organ has handlers enough, and beside no suspect that was only fetched.
//
// Whether a suspect that may run beside another one does is up to the scheduler: where time is virtual the test is made ten times.
func crashedGroupRunsOneByOne(e *env) {
	rounds := 1
	if e.h.Virtual {
		rounds = 10
	}
	for range rounds {
		groupRunsOneByOne(e)
	}
}

func groupRunsOneByOne(e *env) {
	const group, fetched = 4, 2
	b := suspectedBackend(e, group)
	e.publish(b, messagesA(group+1, group+fetched)...)
	c := e.freshConsumer(b)
	for _, d := range c.take(group + fetched) {
		if d.Suspect {
			c.extend(d)
		}
	}
	c.close()
	var calls, alone sideBySide
	policy := e.policy()
	policy.Concurrency = group + fetched
	s := e.spine(b, organs(newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
		defer calls.enter()()
		if ev.N <= group {
			defer alone.enter()()
			if calls.running.Load() > 1 {
				e.Errorf("number %d runs beside another suspect", ev.N)
			}
		}
		return idle(ctx, e.h.Unit)
	}))))
	p := e.run(s)
	e.until("all are handled", func() bool { return s.Stats().Handled == group+fetched })
	p.stop()
	same(e, "of the group side by side", alone.most.Load(), 1)
}

// crashingDelivery kills every process that runs it, by the hand of its handler: the first time among
// others, the second time in a group of suspects, then alone three times. Its bystanders are all
// handled, and none of them becomes a dead letter. Those of its group run one at a time from then on.
func crashingDelivery(e *env) {
	for _, handlers := range []int{1, 4} {
		poisonEndsAlone(e, handlers)
	}
}

func poisonEndsAlone(e *env, handlers int) {
	const events, poison = 12, 5
	b := e.open()
	policy := e.policy()
	policy.Concurrency = handlers
	var handled, crashes journal[int64]
	process := func(first bool) {
		faulty := NewFaulty(e.attachProcess(b), Plan{})
		died := make(chan struct{})
		s := e.spine(faulty, organs(newOrgan("all", policy, on(func(ctx context.Context, ev *eventA, _ emit) error {
			if ev.N != poison {
				handled.add(ev.N)
				return nil
			}
			crashes.add(ev.N)
			faulty.Kill()
			close(died)
			<-ctx.Done()
			return ctx.Err()
		}))), necro.WithLease(e.lease()), necro.WithGrace(e.h.Unit))
		if first {
			e.sendA(s, 1, events)
		}
		p := e.run(s)
		done := func() bool {
			select {
			case <-died:
				return true
			default:
				return stored(e.health(b, "all")) == 0
			}
		}
		e.until("the process dies or is done", done)
		p.cancel()
		p.wait()
	}
	for n := 0; n < 9 && (n == 0 || stored(e.health(b, "all")) > 0); n++ {
		process(n == 0)
	}
	if n := crashes.len(); e.h.Virtual {
		same(e, "crashes", n, 5)
	} else if n < 3 || n > 5 { // where a busy machine holds up the process, a lease that runs out counts as a crash, too
		e.Errorf("crashes: got %d, want 3 to 5", n)
	}
	l := e.theLetter(b, "all")
	same(e, "reason", l.Reason, contract.ReasonCrashed)
	same(e, "number", numberOf(&l.Message), poison)
	seen := map[int64]bool{}
	for _, n := range handled.all() {
		seen[n] = true
	}
	same(e, "different bystanders", len(seen), events-1)
}
