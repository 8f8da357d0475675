package main

import (
	"context"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// remembered is for how many events at least an organ knows that it applied them.
const remembered = 1024

// Completion tells when all deliveries of a notification were sent. It counts in memory, so
// one process at a time runs it, and it counts a delivery once, however often that comes. A
// notification with a dead letter stays open until that is redriven.
//
//necro:organ completion exclusive
type Completion struct {
	sent map[necro.ID]int // by the id of the request, of open notifications
	seen *once.Memo[*NotificationCompleted]
}

// NewCompletion returns one that has seen nothing.
func NewCompletion() *Completion {
	return &Completion{sent: map[necro.ID]int{}, seen: once.New[*NotificationCompleted](remembered)}
}

// Count counts a delivery, and completes its notification with the last one.
//
//necro:handle
func (c *Completion) Count(ctx context.Context, d *DeliverySent) (*NotificationCompleted, error) {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return nil, errNoMeta
	}
	return c.seen.Do(meta.ID, func() *NotificationCompleted {
		c.sent[meta.Correlation]++
		if c.sent[meta.Correlation] < d.Of {
			return nil
		}
		delete(c.sent, meta.Correlation)
		return &NotificationCompleted{d.NotificationID, d.UserID, d.Of}
	}), nil
}
