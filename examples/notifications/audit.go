package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/necrostack/necrogen/examples/internal/once"
	"github.com/necrostack/necrogen/examples/internal/trail"
	necro "github.com/necrostack/necrogen/runtime"
)

// Audit sees every event: its handler takes an interface. It counts what happened to every
// delivery, independently of the organs that made it happen, and keeps the trail.
//
//necro:organ delivery_audit exclusive
type Audit struct {
	trail *trail.Trail // nil for none
	tell  io.Writer    // takes a line for each outcome; nil for none
	seen  *once.Memo[error]

	mu       sync.Mutex // of the notifications asked for while it runs
	totals   Totals
	open     map[necro.ID]int // deliveries that are not sent yet, by the id of their request
	sent     trail.Tape[*DeliverySent]
	rejected trail.Tape[*NotificationRejected]
}

// Totals counts events.
type Totals struct {
	Events                         uint64
	Requested, Rejected, Completed uint64 // notifications
	Skipped                        uint64 // deliveries without an address
	Asked, Sent                    [3]uint64
	Earlier                        uint64 // deliveries of an earlier run that were sent
}

// NewAudit returns an audit that keeps the latest deliveries and rejections, so many of each.
// It writes every event as a line of JSON to events, and what a user wants to know at once to
// tell. Both may be nil.
func NewAudit(events, tell io.Writer, latest int) *Audit {
	a := &Audit{trail: trail.New(events), tell: tell, seen: once.New[error](remembered), open: map[necro.ID]int{}}
	a.sent.Size, a.rejected.Size = latest, latest
	return a
}

// Record enters an event.
//
//necro:handle
func (a *Audit) Record(ctx context.Context, e necro.Event) error {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return errNoMeta
	}
	return a.seen.Do(meta.ID, func() error {
		a.countEvent(meta.Correlation, e)
		if a.tell != nil {
			fmt.Fprint(a.tell, outcomeOf(e))
		}
		return a.trail.Add(&meta, e)
	})
}

func (a *Audit) countEvent(request necro.ID, e necro.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := &a.totals
	t.Events++
	switch e := e.(type) {
	case *NotificationRequested:
		t.Requested++
	case *NotificationRejected:
		t.Rejected++
		a.rejected.Add(e)
	case *EmailRequested:
		a.countAsked(request, &e.Delivery)
	case *SMSRequested:
		a.countAsked(request, &e.Delivery)
	case *PushRequested:
		a.countAsked(request, &e.Delivery)
	case *DeliverySkipped:
		t.Skipped++
	case *DeliverySent:
		a.countSent(request, e)
	case *NotificationCompleted:
		t.Completed++
	}
}

func (a *Audit) countAsked(request necro.ID, d *Delivery) {
	a.totals.Asked[channelIndex(d.Channel)]++
	a.open[request]++
}

// countSent counts a delivery that was sent. One that was not asked for in this run is of an earlier one: it was a
// dead letter until an operator redrove it.
func (a *Audit) countSent(request necro.ID, d *DeliverySent) {
	left, known := a.open[request]
	switch {
	case !known:
		a.totals.Earlier++
		return
	case left == 1:
		delete(a.open, request)
	default:
		a.open[request] = left - 1
	}
	a.totals.Sent[channelIndex(d.Channel)]++
	a.sent.Add(d)
}

// totalsAndOpen returns the totals, and how many notifications are open.
func (a *Audit) totalsAndOpen() (t Totals, open int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.totals, len(a.open)
}

// isOpen reports whether a request of this run has deliveries that are not sent.
func (a *Audit) isOpen(request necro.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open[request] > 0
}

// channelIndex returns the index of a channel among all channels.
func channelIndex(c Channel) int {
	for i := range channels {
		if channels[i] == c {
			return i
		}
	}
	panic("no channel: " + string(c)) // its event was validated
}

// outcomeOf is the line that tells an outcome; other events have none.
func outcomeOf(e necro.Event) string {
	switch e := e.(type) {
	case *NotificationRejected:
		return fmt.Sprintf("%d: rejected: %s\n", e.NotificationID, e.Reason)
	case *DeliverySkipped:
		return fmt.Sprintf("%d: %s skipped: %s has no address for it\n", e.NotificationID, e.Channel, e.UserID)
	case *DeliverySent:
		return fmt.Sprintf("%d: %s sent to %s%s\n", e.NotificationID, e.Channel, e.To, formatAttempts(e.Attempt))
	case *NotificationCompleted:
		return fmt.Sprintf("%d: completed\n", e.NotificationID)
	}
	return ""
}

func formatAttempts(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(" at attempt %d", n)
}
