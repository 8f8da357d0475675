package goroutine

import (
	"context"
	"time"
)

//necro:organ
type Fixed struct{}

//necro:handle
func (f *Fixed) Sleep(ctx context.Context, o *Order) (*Order, []Order, error) {
	for range 3 {
		time.Sleep(10 * time.Millisecond) // want `Sleep sleeps in a loop`
	}
	return nil, nil, nil
}

//necro:handle
func (f *Fixed) Inner(ctx context.Context, o Order) error {
	return func() error {
		for o.ID == "" {
			if len(o.ID) == 0 {
				time.Sleep(1) // want `Inner sleeps in a loop`
			}
		}
		return nil
	}()
}

//necro:handle
func (f *Fixed) Value(ctx context.Context, o Order) (Order, error) {
	for o.ID == "" {
		time.Sleep(1) // want `Value sleeps in a loop`
	}
	return o, nil
}
