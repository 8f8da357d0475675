package backendtest

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

var scheduledTests = []test{
	{"ScheduledEventsAreListed", scheduledEventsAreListed},
	{"ScheduledPagesGoByDueTime", scheduledPagesGoByDueTime},
	{"ScheduledPagesSurviveChanges", scheduledPagesSurviveChanges},
	{"ScheduledPagesAreBounded", scheduledPagesAreBounded},
	{"ScheduledRefusesForeignCursors", scheduledRefusesForeignCursors},
	{"RunScheduledDeliversAtOnce", runScheduledDeliversAtOnce},
	{"RunScheduledOutlivesItsProcess", runScheduledOutlivesItsProcess},
	{"RunOrCancelledOrDelivered", runOrCancelledOrDelivered},
}

// scheduling opens a backend whose schedule an operator can see.
func (e *env) scheduling() contract.ScheduleAdmin {
	e.Helper()
	a, ok := e.delaying().(contract.ScheduleAdmin)
	if !ok {
		e.Skip("the backend is no contract.ScheduleAdmin")
	}
	return a
}

// scheduledPage lists a page of the schedule, with at least one event unless it is the last.
func (e *env) scheduledPage(b contract.ScheduleAdmin, after string, limit int) (page []contract.ScheduledEvent, next string) {
	e.Helper()
	page, next, err := b.Scheduled(e.ctx, after, limit)
	e.ok(err, "list the schedule")
	if len(page) > max(limit, 1) || len(page) == 0 && next != "" {
		e.Fatalf("a page of %d events, limit %d, and the next begins at %q", len(page), limit, next)
	}
	return page, next
}

// scheduledBehind lists the events behind a cursor, in pages.
func (e *env) scheduledBehind(b contract.ScheduleAdmin, after string, limit int) (all []contract.ScheduledEvent) {
	e.Helper()
	for {
		page, next := e.scheduledPage(b, after, limit)
		if all = append(all, page...); len(all) > 1000 {
			e.Fatal("the schedule has no end")
		}
		if next == "" {
			return all
		}
		after = next
	}
}

// scheduledNumbers are the numbers of events, in their order.
func scheduledNumbers(events []contract.ScheduledEvent) (ns []int64) {
	for i := range events {
		ns = append(ns, numberOf(&events[i].Message))
	}
	return ns
}

// runNow makes an event due, and wants to be told whether it was there.
func (e *env) runNow(b contract.ScheduleAdmin, id contract.ID, want bool) {
	e.Helper()
	found, err := b.RunScheduled(e.ctx, id)
	e.ok(err, "run a scheduled event")
	same(e, "was in the schedule", found, want)
}

// publishLater publishes events of type A with the numbers from 0 on, due so many hours from now.
func (e *env) publishLater(b contract.Backend, hours ...int) []contract.Message {
	e.Helper()
	start := time.Now()
	msgs := messagesA(0, int64(len(hours)-1))
	for i := range msgs {
		msgs[i].Due = start.Add(time.Duration(hours[i]) * time.Hour).UnixNano()
	}
	e.publish(b, msgs...)
	return msgs
}

// scheduledEventsAreListed with their envelope, their bytes and the time when they are due.
func scheduledEventsAreListed(e *env) {
	b := e.scheduling()
	page, next := e.scheduledPage(b, "", 10)
	same(e, "events of an empty schedule", len(page), 0)
	same(e, "next", next, "")
	msg := dueIn(message(&eventA{N: 1, Key: "k", Text: "t"}), time.Hour)
	msg.Headers = map[string]string{"tenant": "x"}
	msg.Causation, msg.Hops = contract.NewID(), 3
	e.publish(b, msg, message(&eventA{N: 2}))
	all := e.scheduledBehind(b, "", 10)
	if len(all) != 1 {
		e.Fatalf("%d events, want 1", len(all))
	}
	sameEnvelope(e, &all[0].Message, &msg)
	same(e, "due of the message", all[0].Message.Due, 0)
	if off := all[0].Due.Sub(time.Unix(0, msg.Due)).Abs(); off > 5*time.Second {
		e.Errorf("due at a time that is off by %v", off)
	}
	payload, err := msg.Encoded()
	e.ok(err, "encode")
	same(e, "payload", string(all[0].Message.Payload), string(payload))
}

// scheduledPagesGoByDueTime whatever the order in which the events were published. Many are due at one time.
func scheduledPagesGoByDueTime(e *env) {
	b := e.scheduling()
	e.publishLater(b, 9, 3, 6, 6, 6, 6, 6, 1, 12)
	for _, limit := range []int{0, 1, 2, 4, 100} {
		got := scheduledNumbers(e.scheduledBehind(b, "", limit))
		if len(got) == 9 {
			slices.Sort(got[2:7])
		}
		if want := []int64{7, 1, 2, 3, 4, 5, 6, 0, 8}; !slices.Equal(got, want) {
			e.Errorf("pages of %d: got %v, want %v", limit, got, want)
		}
	}
}

// scheduledPagesSurviveChanges: a page begins behind the place where the one before it has ended, though the event of that
// place is gone. An event behind it that stays is listed once.
func scheduledPagesSurviveChanges(e *env) {
	b := e.scheduling()
	msgs := e.publishLater(b, 2, 2, 2, 2, 2, 2, 2, 2)
	first, next := e.scheduledPage(b, "", 3)
	gone := scheduledNumbers(first)
	for _, n := range gone[1:] {
		e.cancel(b, msgs[n].ID, true)
	}
	e.runNow(b, msgs[gone[0]].ID, true)
	rest := scheduledNumbers(e.scheduledBehind(b, next, 2))
	if len(first) != 3 || len(rest) != 5 {
		e.Fatalf("listed %v, then %v", gone, rest)
	}
	all := slices.Sorted(slices.Values(slices.Concat(gone, rest)))
	if want := []int64{0, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(all, want) {
		e.Errorf("listed %v, then %v: want each once", gone, rest)
	}
	for _, n := range rest {
		e.cancel(b, msgs[n].ID, true)
	}
	same(e, "events behind the cursor", len(e.scheduledBehind(b, next, 2)), 0)
}

// scheduledPagesAreBounded in bytes, and every event is listed.
func scheduledPagesAreBounded(e *env) {
	b := e.scheduling()
	const count, size = 12, 1 << 20
	for n := range int64(count) {
		e.publish(b, dueIn(message(&eventA{N: n, Text: strings.Repeat("x", size-1000)}), time.Hour+time.Duration(n)*time.Minute))
	}
	first, _ := e.scheduledPage(b, "", 100)
	if len(first) > count/2 {
		e.Errorf("a page of %d events with a MiB each", len(first))
	}
	same(e, "events", len(e.scheduledBehind(b, "", 100)), count)
}

// scheduledRefusesForeignCursors: a page that begins somewhere else would look complete.
func scheduledRefusesForeignCursors(e *env) {
	b := e.scheduling()
	e.publishLater(b, 1, 2)
	_, next := e.scheduledPage(b, "", 1)
	for _, cursor := range []string{"x", next + "!", "!" + next, "\x00", "-", strings.Repeat("9", 100)} {
		if page, _, err := b.Scheduled(e.ctx, cursor, 10); err == nil {
			e.Errorf("cursor %q: %d events, want an error", cursor, len(page))
		}
	}
}

// runScheduledDeliversAtOnce: the event keeps its id, and comes once.
func runScheduledDeliversAtOnce(e *env) {
	b := e.scheduling()
	cs := e.subscribe(b, e.organ("left", typeA), e.organ("right", typeA))
	msgs := e.publishLater(b, 1, 2, 3)
	e.runNow(b, contract.NewID(), false)
	e.runNow(b, msgs[1].ID, true)
	for _, c := range cs {
		d := c.takes(1)[0]
		same(e, "id", d.ID, msgs[1].ID)
		same(e, "due", d.Due, 0)
		c.ack(d)
	}
	e.runNow(b, msgs[1].ID, false)
	e.cancel(b, msgs[1].ID, false)
	same(e, "delayed", e.delayedOf(b), 2)
	if got := scheduledNumbers(e.scheduledBehind(b, "", 10)); !slices.Equal(got, []int64{0, 2}) {
		e.Errorf("still scheduled: %v, want 0 and 2", got)
	}
	cs[0].none(e.units(2))
}

// runScheduledOutlivesItsProcess: a process that runs the organ gets the event, also when another process made it due.
func runScheduledOutlivesItsProcess(e *env) {
	b := e.scheduling()
	c := e.subscribe(e.attachProcess(b), e.organ("all", typeA))[0]
	msgs := e.publishLater(b, 1)
	e.runNow(b, msgs[0].ID, true)
	d := c.one()
	same(e, "id", d.ID, msgs[0].ID)
	c.ack(d)
}

// runOrCancelledOrDelivered: of many events that are run twice and cancelled at one time, each one is either cancelled or
// delivered, and delivered once.
func runOrCancelledOrDelivered(e *env) {
	const count = 60
	b := e.scheduling()
	c := e.subscribe(b, e.organ("all", typeA))[0]
	msgs := messagesA(0, count-1)
	for i := range msgs {
		msgs[i] = dueIn(msgs[i], time.Hour)
	}
	e.publish(b, msgs...)
	var cancelled journal[int64]
	var working sync.WaitGroup
	for i := range msgs {
		for range 2 {
			working.Go(func() {
				if _, err := b.RunScheduled(e.ctx, msgs[i].ID); err != nil {
					e.Errorf("run: %v", err)
				}
			})
		}
		working.Go(func() {
			if found, err := b.Cancel(e.ctx, msgs[i].ID); err != nil {
				e.Errorf("cancel: %v", err)
			} else if found {
				cancelled.add(int64(i))
			}
		})
	}
	working.Wait()
	c.acksAllBut(&cancelled, count)
}
