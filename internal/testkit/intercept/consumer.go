package intercept

import (
	"context"

	"github.com/necrostack/necrogen/runtime/contract"
)

// consumer is a real consumer with the functions of a test in front of it.
type consumer struct {
	contract.Consumer
	calls *Calls
}

func (c *consumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	if c.calls.Fetch != nil {
		return c.calls.Fetch(ctx, c.Consumer, limit)
	}
	return c.Consumer.Fetch(ctx, limit)
}

func (c *consumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	if c.calls.Settle != nil {
		return c.calls.Settle(ctx, c.Consumer, outcomes)
	}
	return c.Consumer.Settle(ctx, outcomes)
}

func (c *consumer) Extend(ctx context.Context, ds []*contract.Delivery) ([]*contract.Delivery, error) {
	if c.calls.Extend != nil {
		return c.calls.Extend(ctx, c.Consumer, ds)
	}
	return c.Consumer.Extend(ctx, ds)
}

func (c *consumer) Release(ctx context.Context, ds []*contract.Delivery) error {
	if c.calls.Release != nil {
		return c.calls.Release(ctx, c.Consumer, ds)
	}
	return c.Consumer.Release(ctx, ds)
}

func (c *consumer) Close() error {
	if c.calls.Leave != nil {
		return c.calls.Leave(context.Background(), c.Consumer)
	}
	return c.Consumer.Close()
}

// CloseWithin closes a consumer whose Close needs no bound without one.
func (c *consumer) CloseWithin(ctx context.Context) error {
	if c.calls.Leave != nil {
		return c.calls.Leave(ctx, c.Consumer)
	}
	if leaving, ok := c.Consumer.(contract.LeavingConsumer); ok {
		return leaving.CloseWithin(ctx)
	}
	return c.Consumer.Close()
}
