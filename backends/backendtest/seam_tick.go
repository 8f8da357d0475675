package backendtest

import (
	"errors"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var tickTests = []test{
	{"ScheduleBeginsUnknown", scheduleBeginsUnknown},
	{"FireStoresItsTicks", fireStoresItsTicks},
	{"FireMovesOnlyFromWhereItIs", fireMovesOnlyFromWhereItIs},
	{"FireWaitsForItsTime", fireWaitsForItsTime},
	{"FireIsOneStepForAllProcesses", fireIsOneStepForAllProcesses},
	{"FireStoresAHundredTicks", fireStoresAHundredTicks},
	{"SchedulesAreApart", schedulesAreApart},
	{"ScheduleOutlivesItsProcess", scheduleOutlivesItsProcess},
	{"TickWithoutAnOrganIsParked", tickWithoutAnOrganIsParked},
	{"FullBackendRefusesTicks", fullBackendRefusesTicks},
	{"ScheduleIsBoundToOneRelease", scheduleIsBoundToOneRelease},
	{"SchedulesAreListed", schedulesAreListed},
}

// ticking returns the backend as one that keeps schedules.
func (e *env) ticking(b contract.Backend) contract.TickingBackend {
	e.Helper()
	return asTrait[contract.TickingBackend](e, b, Schedules)
}

// anHourAgo is a nominal time that has come by any clock.
func anHourAgo() int64 {
	return time.Now().Add(-time.Hour).Truncate(time.Second).UnixNano()
}

// tickAt is the tick of a nominal time. Its number is n.
func tickAt(nominal, n int64) contract.Message {
	id := contract.TickID(typeA.Name, nominal)
	return contract.Message{ID: id, Correlation: id, Type: typeA, Event: &eventA{N: n}, Nanos: nominal}
}

// fire moves a schedule and stores ticks. It wants to be told whether that was done, and where the schedule is.
func (e *env) fire(b contract.TickingBackend, schedule string, after, upTo int64, want bool, ticks ...contract.Message) {
	e.Helper()
	state, err := b.Fire(e.ctx, contract.Firing{Schedule: schedule, After: after, UpTo: upTo, Ticks: encoded(e, b, ticks)})
	e.ok(err, "fire")
	same(e, "fired", state.Fired, want)
	if want {
		same(e, "fired up to", state.FiredUpTo, upTo)
	}
	e.isNow(state)
}

// isAt wants a schedule to be at a nominal time.
func (e *env) isAt(b contract.TickingBackend, schedule string, want int64) {
	e.Helper()
	state, err := b.FiredUpTo(e.ctx, schedule, contract.ScheduleClaim{})
	e.ok(err, "fired up to")
	same(e, "fired up to", state.FiredUpTo, want)
	same(e, "fired", state.Fired, false)
	e.isNow(state)
}

// isNow wants the backend to tell its time. The clocks of two machines may differ by minutes.
func (e *env) isNow(state contract.ScheduleState) {
	e.Helper()
	if off := time.Since(time.Unix(0, state.Now)); off < -10*time.Minute || off > 10*time.Minute {
		e.Errorf("the backend's time is %s away from ours", off)
	}
}

func scheduleBeginsUnknown(e *env) {
	b := e.ticking(e.open())
	at := anHourAgo()
	e.isAt(b, "s", 0)
	e.fire(b, "s", at, at+1e9, false)
	e.isAt(b, "s", 0)
	e.fire(b, "s", 0, at, true)
	e.isAt(b, "s", at)
}

// fireStoresItsTicks for every organ that is bound to them, in order and with their envelopes.
func fireStoresItsTicks(e *env) {
	b := e.ticking(e.open())
	cs := e.subscribe(b, e.organ("left", typeA), e.organ("right", typeA), e.organ("other", typeB))
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	want := tickAt(at+1e9, 1)
	e.fire(b, "s", at, at+2e9, true, want, tickAt(at+2e9, 2))
	for _, c := range cs[:2] {
		ds := c.takes(1, 2)
		sameEnvelope(e, &ds[0].Message, &want)
		same(e, "time", ds[0].Nanos, want.Nanos)
		same(e, "due", ds[0].Due, 0)
		c.ack(ds...)
	}
	cs[2].none(e.units(2))
	e.fire(b, "s", at+2e9, at+3e9, true)
	cs[0].none(e.units(2))
	e.isAt(b, "s", at+3e9)
}

// fireMovesOnlyFromWhereItIs: a second call for a tick, or one that lost its reply, stores nothing.
func fireMovesOnlyFromWhereItIs(e *env) {
	b := e.ticking(e.open())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	for _, want := range []bool{true, false} {
		e.fire(b, "s", at, at+1e9, want, tickAt(at+1e9, 1))
	}
	e.fire(b, "s", 0, at+2e9, false, tickAt(at+2e9, 2))
	e.fire(b, "s", at, at+2e9, false, tickAt(at+2e9, 2))
	e.fire(b, "s", at+1e9, at+1e9, false, tickAt(at+1e9, 3))
	e.fire(b, "s", at+1e9, at, false, tickAt(at, 4))
	e.isAt(b, "s", at+1e9)
	c.ack(c.takes(1)...)
	c.none(e.units(2))
}

// fireWaitsForItsTime by the backend's clock.
func fireWaitsForItsTime(e *env) {
	b := e.ticking(e.open())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	future := at + int64(2*time.Hour)
	e.fire(b, "s", at, future, false, tickAt(future, 1))
	e.isAt(b, "s", at)
	c.none(e.units(2))
}

// fireIsOneStepForAllProcesses: of many that fire one tick, one does, and all learn where the schedule is.
func fireIsOneStepForAllProcesses(e *env) {
	const steps, processes = 12, 4
	b := e.ticking(e.open())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	var fired journal[int64]
	var racing sync.WaitGroup
	for range processes {
		other := e.ticking(e.attachProcess(b))
		racing.Go(func() {
			for n := at; n < at+steps*1e9; {
				f := contract.Firing{Schedule: "s", After: n, UpTo: n + 1e9, Ticks: encoded(e, b, []contract.Message{tickAt(n+1e9, (n-at)/1e9)})}
				state, err := other.Fire(e.ctx, f)
				if err != nil || state.FiredUpTo <= n {
					e.Errorf("fire: %+v, %v", state, err)
					return
				}
				if state.Fired {
					fired.add(state.FiredUpTo)
				}
				n = state.FiredUpTo
			}
		})
	}
	racing.Wait()
	same(e, "steps", fired.len(), steps)
	var want []int64
	for n := range int64(steps) {
		want = append(want, n)
	}
	c.ack(c.takes(want...)...)
	c.none(e.units(2))
}

func fireStoresAHundredTicks(e *env) {
	b := e.ticking(e.open())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	var ticks []contract.Message
	var want []int64
	for n := range int64(100) {
		ticks = append(ticks, tickAt(at+(n+1)*1e9, n))
		want = append(want, n)
	}
	e.fire(b, "s", at, at+100e9, true, ticks...)
	c.ack(c.takes(want...)...)
}

func schedulesAreApart(e *env) {
	b := e.ticking(e.open())
	at := anHourAgo()
	for n, name := range []string{"a", "b", "ünïcode", "c:d e"} {
		e.fire(b, name, 0, at+int64(n)*1e9, true)
	}
	for n, name := range []string{"a", "b", "ünïcode", "c:d e"} {
		e.isAt(b, name, at+int64(n)*1e9)
	}
}

// scheduleOutlivesItsProcess: another one goes on where it was.
func scheduleOutlivesItsProcess(e *env) {
	b := e.ticking(e.open())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	e.fire(b, "s", at, at+1e9, true, tickAt(at+1e9, 1))
	c.close()
	other := e.ticking(e.attachProcess(b))
	e.isAt(other, "s", at+1e9)
	e.fire(other, "s", at, at+1e9, false, tickAt(at+1e9, 1))
	c = e.subscribe(other, e.organ("all", typeA))[0]
	c.ack(c.takes(1)...)
	c.none(e.units(2))
}

func tickWithoutAnOrganIsParked(e *env) {
	b := e.ticking(e.open())
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	e.fire(b, "s", at, at+1e9, true, tickAt(at+1e9, 1))
	same(e, "parked", e.parked(b, typeA.Name).Parked, 1)
	c := e.subscribe(b, e.organ("late", typeA))[0]
	c.ack(c.takes(1)...)
}

// scheduleIsBoundToOneRelease: what a living process wants stays, and ticks that were computed by something else are not fired.
// Without such a process it becomes what the next call wants, and the schedule goes on from where it is.
func scheduleIsBoundToOneRelease(e *env) {
	b := e.ticking(e.open())
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	release := func(wants string, alive time.Duration) contract.ScheduleClaim {
		return contract.ScheduleClaim{Wants: wants, For: alive}
	}
	ask := func(claim contract.ScheduleClaim, bound string) {
		e.Helper()
		state, err := b.FiredUpTo(e.ctx, "s", claim)
		e.ok(err, "fired up to")
		same(e, "bound", state.Bound, bound)
	}
	fire := func(claim contract.ScheduleClaim, bound string, after, upTo int64, want bool, ticks ...contract.Message) {
		e.Helper()
		state, err := b.Fire(e.ctx, contract.Firing{Schedule: "s", Claim: claim, Bound: bound, After: after, UpTo: upTo, Ticks: encoded(e, b, ticks)})
		e.ok(err, "fire")
		same(e, "fired", state.Fired, want)
	}
	old, other := release(`"0 2 * * *" tz=Europe/Berlin`, time.Hour), release("90s catchup=all", time.Hour)
	ask(old, old.Wants)
	fire(old, old.Wants, 0, at, true)
	ask(other, old.Wants)
	fire(other, other.Wants, at, at+1e9, false, tickAt(at+1e9, 1))
	fire(other, old.Wants, at, at+1e9, true, tickAt(at+1e9, 2))
	ask(other, old.Wants)

	// Now of a schedule whose process is gone.
	gone := release("gone", 0)
	gone.For = -time.Hour
	state, err := b.Fire(e.ctx, contract.Firing{Schedule: "g", Claim: gone, Bound: gone.Wants, UpTo: at})
	e.ok(err, "fire")
	same(e, "bound", state.Bound, gone.Wants)
	state, err = b.FiredUpTo(e.ctx, "g", other)
	e.ok(err, "fired up to")
	same(e, "bound to the next one", state.Bound, other.Wants)
	same(e, "where it is", state.FiredUpTo, at)
	state, err = b.FiredUpTo(e.ctx, "g", old)
	e.ok(err, "fired up to")
	same(e, "bound while that lives", state.Bound, other.Wants)
	c.ack(c.takes(2)...)
	c.none(e.units(2))
}

// schedulesAreListed in the order of their names, with their bound times, and the list claims none.
func schedulesAreListed(e *env) {
	b := e.ticking(e.open())
	at := anHourAgo()
	for n, name := range []string{"b", "ünïcode", "a"} {
		claim := contract.ScheduleClaim{Wants: "wants " + name, For: time.Hour}
		_, err := b.Fire(e.ctx, contract.Firing{Schedule: name, Claim: claim, Bound: claim.Wants, UpTo: at + int64(n)*1e9})
		e.ok(err, "fire")
	}
	list, err := b.Schedules(e.ctx)
	e.ok(err, "schedules")
	if len(list) != 3 {
		e.Fatalf("%+v, want three schedules", list)
	}
	for i, want := range []contract.ScheduleRecord{{Schedule: "a", FiredUpTo: at + 2e9}, {Schedule: "b", FiredUpTo: at}, {Schedule: "ünïcode", FiredUpTo: at + 1e9}} {
		got := list[i]
		same(e, "schedule", got.Schedule, want.Schedule)
		same(e, "fired up to", got.FiredUpTo, want.FiredUpTo)
		same(e, "bound", got.Bound, "wants "+want.Schedule)
		same(e, "alive for an hour", got.Until-got.Named, int64(time.Hour))
	}
}

// fullBackendRefusesTicks, and the schedule stays where it is, so that the tick is fired when there is room.
func fullBackendRefusesTicks(e *env) {
	b := e.ticking(e.openLimit(2))
	c := e.subscribe(b, e.organ("all", typeA))[0]
	at := anHourAgo()
	e.fire(b, "s", 0, at, true)
	e.publish(b, messagesA(1, 2)...)
	f := contract.Firing{Schedule: "s", After: at, UpTo: at + 1e9, Ticks: encoded(e, b, []contract.Message{tickAt(at+1e9, 3)})}
	if _, err := b.Fire(e.ctx, f); !errors.Is(err, contract.ErrFull) && !errors.Is(err, contract.ErrBackendFull) {
		e.Errorf("fire: error %v, want %v", err, contract.ErrFull)
	}
	e.isAt(b, "s", at)
	c.ack(c.takes(1, 2)...)
	e.fire(b, "s", at, at+1e9, true, tickAt(at+1e9, 3))
	c.ack(c.takes(3)...)
}
