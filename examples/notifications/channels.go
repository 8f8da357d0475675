package main

import "context"

// Each channel is an organ of its own, so one whose gateway is down holds up no other, and has a policy that
// fits its gateway.

// EmailChannel sends e-mail. Mail servers are slow, and a mail may be late: it is tried for
// long, and a server that fails ten times in a row is left alone for a while.
//
//necro:organ email retry=8 backoff=200ms..30s timeout=10s concurrency=4 breaker=10/2s
type EmailChannel struct {
	Server Sender
}

// Send sends an e-mail.
//
//necro:handle
func (c *EmailChannel) Send(ctx context.Context, e *EmailRequested) (*DeliverySent, error) {
	return sendOnce(ctx, c.Server, &e.Delivery)
}

// SMSChannel sends SMS. Each one costs money: its gateway gets few at a time.
//
//necro:organ sms retry=6 backoff=100ms..10s timeout=5s concurrency=4 breaker=5/1s
type SMSChannel struct {
	Gateway Sender
}

// Send sends an SMS.
//
//necro:handle
func (c *SMSChannel) Send(ctx context.Context, e *SMSRequested) (*DeliverySent, error) {
	return sendOnce(ctx, c.Gateway, &e.Delivery)
}

// PushChannel sends push messages. They are many and quick, and worth nothing when they are
// late: they are tried again soon, and not for long.
//
//necro:organ push retry=4 backoff=50ms..2s timeout=2s concurrency=8 breaker=20/500ms
type PushChannel struct {
	Gateway Sender
}

// Send sends a push message.
//
//necro:handle
func (c *PushChannel) Send(ctx context.Context, e *PushRequested) (*DeliverySent, error) {
	return sendOnce(ctx, c.Gateway, &e.Delivery)
}
