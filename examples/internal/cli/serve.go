package cli

import (
	"context"
	"errors"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Serve runs the organs of a spine while feed publishes, and then until nothing is left to do. When ctx ends,
// events published by then are still worked off.
func Serve(ctx context.Context, spine *necro.Spine, feed func(context.Context) error) error {
	feeding, stopFeed := context.WithCancelCause(ctx)
	defer stopFeed(nil)
	running, stopRun := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRun()
	ran := make(chan error, 1)
	go func() {
		err := spine.Run(running)
		stopFeed(err) // without organs that run, a publisher would wait for ever
		ran <- err
	}()
	err := feed(feeding)
	stopRun()
	if runErr := <-ran; runErr != nil {
		return errors.Join(err, runErr)
	}
	_, drainErr := spine.Drain(context.WithoutCancel(ctx))
	return errors.Join(err, drainErr)
}

// Publish stores events. It waits while the backend is full, also in the moment before the
// organs have started, in which the backend would rather fail than wait. A backend that is not
// in memory never waits, and may have stored what a call was given up for: that one is finished.
func Publish(ctx context.Context, spine *necro.Spine, backend necro.Backend, events ...necro.Event) error {
	calling := ctx
	if _, waits := backend.(*memory.Backend); !waits {
		calling = context.WithoutCancel(ctx)
	}
	for {
		err := spine.PublishBatch(calling, events)
		if !errors.Is(err, necro.ErrFull) {
			return err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
