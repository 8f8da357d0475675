package backendtest

import (
	"context"
	"slices"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var scheduleTests = []test{
	{"TicksFireOnceForAllProcesses", ticksFireOnceForAllProcesses},
	{"ScheduleBeginsWithoutATick", scheduleBeginsWithoutATick},
	{"MissedTicksAreCaughtUp", missedTicksAreCaughtUp},
	{"RemovedScheduleGoesOn", removedScheduleGoesOn},
	{"RenamedScheduleFiresNoSecondTime", renamedScheduleFiresNoSecondTime},
	{"TickOfAFailedCallFiresLater", tickOfAFailedCallFiresLater},
	{"ReleasesRunUnderTheBoundSchedule", releasesRunUnderTheBoundSchedule},
	{"LackingSchedulesAreRefused", lackingSchedulesAreRefused},
}

// onTick is a route that writes down the envelopes of ticks.
func onTick(e *env, t *contract.EventType, j *journal[necro.Meta]) contract.Route {
	return contract.Route{Event: t, Method: "Handle", Handle: func(ctx context.Context, ev contract.Event, _ *contract.Emissions) error {
		m, ok := necro.MetaFrom(ctx)
		if !ok || !t.Is(ev) {
			e.Errorf("a tick without its envelope, or of another type: %T", ev)
		}
		j.add(m)
		return nil
	}}
}

// nominalTimes returns the nominal times of ticks, in their order. Each must be there once, with its own id.
func nominalTimes(e *env, identity string, ticks []necro.Meta) (times []int64) {
	e.Helper()
	for _, m := range ticks {
		same(e, "id", m.ID, contract.TickID(identity, m.Due.UnixNano()))
		same(e, "correlation", m.Correlation, m.ID)
		same(e, "key", m.Key, "")
		times = append(times, m.Due.UnixNano())
	}
	slices.Sort(times)
	if len(slices.Compact(slices.Clone(times))) != len(times) {
		e.Errorf("a tick was fired twice: %v", times)
	}
	return times
}

// hasFired moves a schedule that does not exist yet to a nominal time, as if it had fired then.
func (e *env) hasFired(b contract.Backend, schedule string, at time.Time) {
	e.Helper()
	e.fire(e.ticking(b), schedule, 0, at.UnixNano(), true)
}

// ticksFireOnceForAllProcesses, at every second since the first of them began.
func ticksFireOnceForAllProcesses(e *env) {
	b := e.open()
	e.ticking(b)
	typ := tickType("SUITE_TICK", contract.Schedule{Expression: "1s", Catchup: contract.CatchupAll})
	var got journal[necro.Meta]
	for range 3 {
		e.run(e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), onTick(e, typ, &got)))))
	}
	var times []int64
	e.until("three ticks in a row are handled", func() bool { // a process may be behind the others with a tick that it has
		times = nominalTimes(e, typ.Name, got.all())
		return len(times) >= 3 && times[len(times)-1] == times[0]+int64(len(times)-1)*1e9
	})
	if late := time.Since(time.Unix(0, times[0])); late < 2*time.Second {
		e.Errorf("three ticks came %s after the time of the first", late)
	}
}

// scheduleBeginsWithoutATick: a tick from before the schedule existed is not missed.
func scheduleBeginsWithoutATick(e *env) {
	b := e.open()
	t := e.ticking(b)
	typ := tickType("SUITE_TICK", contract.Schedule{Expression: "@daily", Zone: "Europe/Berlin", Catchup: contract.CatchupAll})
	var got journal[necro.Meta]
	s := e.spine(b, organs(newOrgan("all", e.policy(), onTick(e, typ, &got))))
	before := time.Now().Add(-10 * time.Minute) // by another machine's clock, too
	e.drain(s)
	state, err := t.FiredUpTo(e.ctx, typ.Name, contract.ScheduleClaim{})
	e.ok(err, "fired up to")
	if at := time.Unix(0, state.FiredUpTo); at.Before(before) {
		e.Errorf("the schedule begins at %s", at)
	}
	same(e, "ticks", got.len(), 0)
}

// longInterval is an interval of an hour or so whose last multiple is some minutes ago, and the next some minutes ahead.
func longInterval() (d time.Duration, last time.Time) {
	for d = time.Hour; ; d += time.Minute {
		now := time.Now()
		last = now.Truncate(time.Second).Add(-time.Duration(now.Unix()%int64(d/time.Second)) * time.Second)
		if ago := now.Sub(last); ago > 10*time.Minute && ago < d-10*time.Minute {
			return d, last
		}
	}
}

// missedTicksAreCaughtUp as the schedule says, by the first process that comes, and by Drain.
func missedTicksAreCaughtUp(e *env) {
	b := e.open()
	e.ticking(b)
	d, last := longInterval()
	for name, c := range map[string]struct {
		catchup contract.Catchup
		want    []int
	}{
		"SUITE_SKIP": {contract.CatchupSkip, nil},
		"SUITE_LAST": {contract.CatchupLast, []int{0}},
		"SUITE_ALL":  {contract.CatchupAll, []int{3, 2, 1, 0}},
	} {
		typ := tickType(name, contract.Schedule{Expression: d.String(), Catchup: c.catchup})
		e.hasFired(b, name, last.Add(-4*d))
		var got journal[necro.Meta]
		for range 2 {
			e.drain(e.spine(b, organs(newOrgan("organ."+name, e.policy(), onTick(e, typ, &got)))))
		}
		var want []int64
		for _, n := range c.want {
			want = append(want, last.Add(-time.Duration(n)*d).UnixNano())
		}
		if times := nominalTimes(e, name, got.all()); !slices.Equal(times, want) {
			e.Errorf("%s: ticks of %v, want %v", name, times, want)
		}
		e.isAt(e.ticking(b), name, last.UnixNano())
	}
	// Of very many that were missed, the newest thousand.
	typ := tickType("SUITE_MANY", contract.Schedule{Expression: "1m", Catchup: contract.CatchupAll})
	e.hasFired(b, typ.Name, last.Add(-2000*time.Minute))
	var got journal[necro.Meta]
	e.drain(e.spine(b, organs(newOrgan("organ.many", e.policy(), onTick(e, typ, &got)))))
	times := nominalTimes(e, typ.Name, got.all())
	if len(times) < 1000 || len(times) > 1010 || times[len(times)-1]-times[0] != int64(len(times)-1)*int64(time.Minute) {
		e.Errorf("%d ticks from %d to %d", len(times), times[0], times[len(times)-1])
	}
}

// removedScheduleGoesOn: a release without the schedule runs for a while, then the old one returns and has lost no tick.
func removedScheduleGoesOn(e *env) {
	b := e.open()
	e.ticking(b)
	with := tickType("SUITE_TICK", contract.Schedule{Expression: "1s", Catchup: contract.CatchupAll})
	without := tickType("SUITE_TICK", contract.Schedule{})
	without.Every = nil
	var got journal[necro.Meta]
	runUntil := func(typ *contract.EventType, done func() bool) {
		p := e.run(e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), onTick(e, typ, &got)))))
		e.until("the release has run", done)
		p.stop()
	}
	runUntil(with, func() bool { return got.len() >= 1 })
	removed := time.Now()
	runUntil(without, func() bool { return time.Since(removed) > 2500*time.Millisecond })
	before := got.len()
	runUntil(with, func() bool { return got.len() >= before+3 })
	times := nominalTimes(e, with.Name, got.all())
	if last := len(times) - 1; times[last]-times[0] != int64(last)*1e9 {
		e.Errorf("a tick was lost: %v", times)
	}
}

// renamedScheduleFiresNoSecondTime: the tick that was fired under the former name is not fired under the new one.
func renamedScheduleFiresNoSecondTime(e *env) {
	b := e.open()
	e.ticking(b)
	d, last := longInterval()
	every := contract.Schedule{Expression: d.String()}
	e.hasFired(b, "SUITE_FORMER_TICK", last.Add(-d))
	var got journal[necro.Meta]
	for _, typ := range []*contract.EventType{tickType("SUITE_FORMER_TICK", every), tickType("SUITE_NEW_TICK", every, "SUITE_FORMER_TICK")} {
		e.drain(e.spine(b, organs(newOrgan("all", e.policy(), onTick(e, typ, &got)))))
	}
	if times := nominalTimes(e, "SUITE_FORMER_TICK", got.all()); !slices.Equal(times, []int64{last.UnixNano()}) {
		e.Errorf("ticks of %v, want one of %s", times, last)
	}
	e.isAt(e.ticking(b), "SUITE_NEW_TICK", 0)
}

// releasesRunUnderTheBoundSchedule: while a process lives that wants the bound times, another release fires at these times,
// says so in its health, and no tick is fired twice. Ticks fired for a release that is gone are its own.
func releasesRunUnderTheBoundSchedule(e *env) {
	b := e.open()
	e.ticking(b)
	old := tickType("SUITE_TICK", contract.Schedule{Expression: "1s", Catchup: contract.CatchupAll})
	other := tickType("SUITE_TICK", contract.Schedule{Expression: "@yearly", Zone: "Europe/Berlin", Jitter: time.Minute})
	var got journal[necro.Meta]
	start := func(typ *contract.EventType) (*necro.Spine, *process) {
		s := e.spine(e.attachProcess(b), organs(newOrgan("all", e.policy(), onTick(e, typ, &got))))
		return s, e.run(s)
	}
	waits := func(s *necro.Spine) string { return s.Organs()[0].Waits }
	first, p := start(old)
	e.until("the old release fires", func() bool { return got.len() >= 1 })
	second, _ := start(other)
	e.until("the new release says what it waits for", func() bool { return strings.Contains(waits(second), "@yearly tz=Europe/Berlin jitter=1m0s") })
	same(e, "the old one waits for", waits(first), "")
	p.stop() // the new release goes on under the old times
	before := got.len()
	e.until("three more ticks", func() bool { return got.len() >= before+3 })
	third, _ := start(old)
	before = got.len()
	e.until("the old release is back, and three more ticks", func() bool { return got.len() >= before+3 })
	same(e, "the old one waits for", waits(third), "")
	times := nominalTimes(e, old.Name, got.all())
	if len(times) < 7 {
		e.Errorf("%d ticks, want 7", len(times))
	}
}

// tickOfAFailedCallFiresLater: an error, or a reply that is lost, neither loses the tick nor doubles it.
func tickOfAFailedCallFiresLater(e *env) {
	b := e.open()
	e.ticking(b)
	d, last := longInterval()
	typ := tickType("SUITE_TICK", contract.Schedule{Expression: d.String(), Catchup: contract.CatchupAll})
	e.hasFired(b, typ.Name, last.Add(-3*d))
	f := NewFaulty(b, Plan{})
	f.Next(OpFiredUpTo, Refused, LostReply)
	f.Next(OpFire, Refused, LostReply, Cancelled)
	var got journal[necro.Meta]
	e.drain(e.spine(f, organs(newOrgan("all", e.policy(), onTick(e, typ, &got)))))
	if times := nominalTimes(e, typ.Name, got.all()); len(times) != 3 {
		e.Errorf("ticks of %v, want three", times)
	}
	same(e, "lost replies of fire", f.Bites()[Bite{OpFire, LostReply}], 1)
}

// lackingSchedulesAreRefused when the spine is made, with a word of the event and of the backend.
func lackingSchedulesAreRefused(e *env) {
	typ := tickType("SUITE_TICK", contract.Schedule{Expression: "1s"})
	var got journal[necro.Meta]
	lacking := struct{ contract.Backend }{e.open()}
	_, err := necro.New(lacking, necro.WithOrgans(newOrgan("all", e.policy(), onTick(e, typ, &got))), necro.WithLogger(nil))
	if err == nil || !strings.Contains(err.Error(), typ.Name) || !strings.Contains(err.Error(), "keeps no schedules") {
		e.Errorf("new spine: %v", err)
	}
}
