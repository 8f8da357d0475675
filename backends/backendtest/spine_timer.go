package backendtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var spineTimerTests = []test{
	{"TimerRingsInItsOrganAlone", timerRingsInItsOrganAlone},
	{"TimerIsReplacedStoppedAndEnded", timerIsReplacedStoppedAndEnded},
	{"TimerStoppedInTheQueueDoesNothing", timerStoppedInTheQueue},
	{"TimerFollowsNewNames", timerFollowsNewNames},
	{"TimerOfALetterIsRedriven", timerOfALetterIsRedriven},
}

// ringing is a keeper of diaries whose events of type A do with a timer what their text says: start, after so many units, stop
// or end. The timer's event has the number of the event that has started it.
type ringing struct {
	e       *env
	name    string
	aliases []string
	event   *contract.EventType // of the timers: typeB, or one that is renamed
	ring    func(ctx context.Context, n int64) error
}

func (r *ringing) NecroOrgan() contract.OrganSpec {
	timers := []*contract.EventType{r.event}
	return contract.OrganSpec{Name: r.name, Aliases: r.aliases, Path: "example.com/suite", Policy: r.e.policy(), State: &diaryType, Routes: []contract.Route{
		{Event: typeA, Method: "Handle", State: true, Timers: timers, Handle: r.handle},
		{Event: r.event, Method: "Ring", State: true, GiveUp: r.giveUp(), Handle: func(ctx context.Context, ev contract.Event, out *contract.Emissions) error {
			n := ev.(numbered).number()
			out.State.(*diary).numbers += fmt.Sprint("ring", n, " ")
			if r.ring == nil {
				return nil
			}
			return r.ring(ctx, n)
		}},
	}}
}

// giveUp is what is called when a timer's event is given up.
func (r *ringing) giveUp() *contract.Route {
	return &contract.Route{Event: r.event, Method: "GiveUp", State: true, Handle: func(_ context.Context, ev contract.Event, out *contract.Emissions) error {
		out.State.(*diary).numbers += fmt.Sprint("gave-up", ev.(numbered).number(), " ")
		return nil
	}}
}

func (r *ringing) handle(_ context.Context, ev contract.Event, out *contract.Emissions) error {
	a := ev.(*eventA)
	out.State.(*diary).numbers += fmt.Sprint(a.N, " ")
	change := contract.TimerChange{Type: r.event}
	var units int
	switch _, err := fmt.Sscanf(a.Text, "start %d", &units); {
	case err == nil:
		change.Event, change.After = &eventB{N: a.N}, r.e.units(units)
		if r.event != typeB {
			change.Event = &eventNow{N: a.N}
		}
		out.SetTimer(change)
	case a.Text == "stop":
		out.SetTimer(change)
	case a.Text == "end":
		out.Ends = true
	}
	return nil
}

// ringer is the organ of most tests of timers.
func (e *env) ringer(ring func(ctx context.Context, n int64) error) *ringing {
	e.skipUnkept(contract.OrderKey, true)
	return &ringing{e: e, name: "keeper", event: typeB, ring: ring}
}

// untilDiary waits until the diary of a key has these numbers.
func (e *env) untilDiary(s *necro.Spine, key, want string) {
	e.Helper()
	e.until(fmt.Sprintf("the diary of %s is %q", key, want), func() bool {
		d, _, err := necro.Load[diary](e.ctx, s, key)
		e.ok(err, "load")
		return d.numbers == want
	})
}

// ringNow makes all timers of a backend due, so that no test depends on what a machine does in their time. It runs those too
// that were stopped.
func (e *env) ringNow(b contract.Backend) {
	e.Helper()
	admin, ok := b.(contract.ScheduleAdmin)
	if !ok {
		e.Skip("the backend is no contract.ScheduleAdmin")
	}
	for _, timer := range e.scheduledBehind(admin, "", 100) {
		e.runNow(admin, timer.Message.ID, true)
	}
}

// timerRingsInItsOrganAlone, once and not before its time, under the key of its record and in the chain of the event that has
// started it. An organ that is bound to its event is handed none.
func timerRingsInItsOrganAlone(e *env) {
	b := e.stateful()
	e.delays(b)
	var metas journal[necro.Meta]
	var others journal[int64]
	s := e.spine(b, organs(e.ringer(func(ctx context.Context, _ int64) error {
		m, _ := necro.MetaFrom(ctx)
		metas.add(m)
		return nil
	}), newOrgan("others", e.policy(), sink[kindB](&others))))
	p := e.run(s)
	id, before := contract.NewID(), time.Now()
	e.ok(s.Publish(e.ctx, &eventA{N: 7, Key: "k", Text: "start 4"}, necro.WithID(id), necro.WithHeader("tenant", "x")), "publish")
	e.untilDiary(s, "k", "7 ring7 ")
	e.notBefore(before, e.units(4))
	e.send(s, &eventB{N: 8, Key: "k"})
	e.untilDiary(s, "k", "7 ring7 ring8 ")
	e.until("the other organ has the published one", func() bool { return others.len() > 0 })
	p.stop()
	wants(e, "numbers of the other organ", &others, 8)
	m := metas.all()[0]
	same(e, "key", m.Key, "k")
	same(e, "type", m.Type, typeB.Name)
	same(e, "causation", m.Causation, id)
	same(e, "correlation", m.Correlation, id)
	same(e, "tenant", m.Headers["tenant"], "x")
	same(e, "delayed", e.delayedOf(b), 0)
}

// timerIsReplacedStoppedAndEnded: of all that were started the last one of each key rings, unless it is stopped or its record
// ends.
func timerIsReplacedStoppedAndEnded(e *env) {
	b := e.stateful()
	e.delays(b)
	s := e.spine(b, organs(e.ringer(nil)))
	e.send(s,
		&eventA{N: 1, Key: "replaced", Text: "start 90000"}, &eventA{N: 2, Key: "replaced", Text: "start 90000"},
		&eventA{N: 3, Key: "stopped", Text: "start 90000"}, &eventA{N: 4, Key: "stopped", Text: "stop"},
		&eventA{N: 5, Key: "ended", Text: "start 90000"}, &eventA{N: 6, Key: "ended", Text: "end"}, &eventA{N: 7, Key: "ended"},
		&eventA{N: 8, Key: "started again", Text: "start 90000"}, &eventA{N: 9, Key: "started again", Text: "stop"}, &eventA{N: 10, Key: "started again", Text: "start 90000"},
	)
	e.drain(s)
	e.ringNow(b)
	e.drain(s)
	same(e, "delayed", e.delayedOf(b), 0)
	for key, want := range map[string]string{"replaced": "1 2 ring2 ", "stopped": "3 4 ", "ended": "7 ", "started again": "8 9 10 ring10 "} {
		e.hasDiary(s, key, want)
	}
}

// timerStoppedInTheQueue: a timer that is due at once waits behind the event that stops it.
func timerStoppedInTheQueue(e *env) {
	b := e.stateful()
	e.delays(b)
	s := e.spine(b, organs(e.ringer(nil)))
	for n := range int64(20) {
		key := fmt.Sprint("k", n)
		e.send(s, &eventA{N: n, Key: key, Text: "start 0"}, &eventA{N: n, Key: key, Text: []string{"stop", "end", "start 0"}[n%3]})
	}
	e.drain(s)
	for n := range int64(20) {
		e.hasDiary(s, fmt.Sprint("k", n), []string{fmt.Sprint(n, " ", n, " "), "", fmt.Sprint(n, " ", n, " ring", n, " ")}[n%3])
	}
}

// timerFollowsNewNames of its organ and of its event: one that was started under the former names rings under the new ones,
// and is stopped under them.
func timerFollowsNewNames(e *env) {
	b := e.stateful()
	e.delays(b)
	former := *typeNow
	former.Name, former.Aliases = formerName, nil
	organ := e.ringer(nil)
	organ.name, organ.event = "former", &former
	before := e.spine(b, organs(organ))
	e.send(before, &eventA{N: 1, Key: "rings", Text: "start 90000"}, &eventA{N: 2, Key: "stopped", Text: "start 90000"})
	e.drain(before)
	e.ok(before.Close(), "close")
	renamed := e.ringer(nil)
	renamed.event, renamed.aliases = typeNow, []string{"former"}
	after := e.spine(b, organs(renamed))
	e.send(after, &eventA{N: 3, Key: "stopped", Text: "stop"})
	e.drain(after)
	e.ringNow(b)
	e.drain(after)
	same(e, "delayed", e.delayedOf(b), 0)
	e.hasDiary(after, "rings", "1 ring1 ")
	e.hasDiary(after, "stopped", "2 3 ")
}

// timerOfALetterIsRedriven, also one whose give-up handler ran: its handler runs again as long as the timer was not stopped meanwhile, and else the letter is
// gone unseen.
func timerOfALetterIsRedriven(e *env) {
	b := e.stateful()
	e.delays(b)
	failing := true
	s := e.spine(b, organs(e.ringer(func(context.Context, int64) error {
		if failing {
			return necro.Permanent(errNever)
		}
		return nil
	})))
	e.send(s, &eventA{N: 1, Key: "again", Text: "start 0"}, &eventA{N: 2, Key: "stopped", Text: "start 0"})
	e.drain(s)
	failing = false
	e.send(s, &eventA{N: 3, Key: "stopped", Text: "stop"}, &eventA{N: 4, Key: "again"})
	e.drain(s)
	letters := e.deadLetters(b, "keeper")
	same(e, "letters", len(letters), 2)
	for _, l := range letters {
		if !strings.HasPrefix(l.Message.Type.Name, typeB.Name) {
			e.Errorf("a letter of type %s", l.Message.Type.Name)
		}
		found, err := e.admin(b).Redrive(e.ctx, "keeper", l.ID)
		e.ok(err, "redrive")
		same(e, "found", found, 1)
	}
	e.drain(s)
	e.hasDiary(s, "again", "1 gave-up1 4 ring1 ")
	e.hasDiary(s, "stopped", "2 gave-up2 3 ")
	same(e, "letters left", len(e.deadLetters(b, "keeper")), 0)
}
