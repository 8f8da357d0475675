package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
)

// exchange is the program's topology, ready to run.
type exchange struct {
	backend  cli.Backend
	spine    *necro.Spine
	matching *Matching
	audit    *Audit
}

func newExchange(o *options, backend cli.Backend, house ClearingHouse, trail io.Writer, more ...necro.Option) (*exchange, error) {
	x := &exchange{
		backend:  backend,
		matching: NewMatching(),
		audit:    NewAudit(trail, o.trades),
	}
	gate := &Gate{Rules: []Rule{MaxValue(o.maxValue), Suspended(o.suspended...)}}
	organs := necro.WithOrgans(gate, x.matching, &Settlement{house}, NewRisk(o.limit), x.audit)
	var err error
	x.spine, err = necro.New(x.backend, append([]necro.Option{organs, necro.WithLogger(o.log)}, more...)...)
	return x, err
}

// finishEarlier works off what a run that was killed has left in a backend that outlives it.
// The books of that run are gone, so its orders meet empty ones, and are in no report.
func finishEarlier(ctx context.Context, o *options, backend cli.Backend, house ClearingHouse, stderr io.Writer) error {
	left := 0
	for _, organ := range backend.Health(ctx).Organs {
		left += organ.Ready + organ.Leased + organ.Scheduled
	}
	if left == 0 {
		return nil
	}
	fmt.Fprintf(stderr, "orderbook: an earlier run left %s deliveries, they are finished first: this may take half a minute\n", cli.Count(left))
	x, err := newExchange(o, backend, house, nil)
	if err == nil {
		_, err = x.spine.Drain(ctx)
	}
	return err
}

// serve runs the organs while feed publishes, and then until nothing is left to do. When
// ctx ends, what was published by then is still worked off.
func (x *exchange) serve(ctx context.Context, feed func(context.Context) error) error {
	feeding, stopFeed := context.WithCancelCause(ctx)
	defer stopFeed(nil)
	running, stopRun := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRun()
	ran := make(chan error, 1)
	go func() {
		err := x.spine.Run(running)
		stopFeed(err) // without organs that run, a publisher would wait for ever
		ran <- err
	}()
	err := feed(feeding)
	stopRun()
	if runErr := <-ran; runErr != nil {
		return errors.Join(err, runErr)
	}
	_, drainErr := x.spine.Drain(context.WithoutCancel(ctx))
	return errors.Join(err, drainErr)
}

// publish stores events. It waits while the backend is full, also in the moment before the
// organs have started, in which the backend would rather fail than wait. A backend that is not
// in memory never waits, and may have stored what a call was given up for: that one is finished.
func (x *exchange) publish(ctx context.Context, events ...necro.Event) error {
	calling := ctx
	if _, waits := x.backend.(*memory.Backend); !waits {
		calling = context.WithoutCancel(ctx)
	}
	for {
		err := x.spine.PublishBatch(calling, events)
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

// trade runs the exchange on its orders; it returns how many lines of input were wrong.
func (x *exchange) trade(ctx context.Context, o *options, sources []source, stderr io.Writer) (bad int, err error) {
	f := &feed{x: x, sources: sources, report: stderr}
	run := f.run
	if o.stress > 0 {
		run = func(ctx context.Context) error { return newFlow(o.seed).run(ctx, x, o.stress) }
	}
	defer cli.Progress(stderr, "orders", o.stress, x.checked)()
	err = x.serve(ctx, run)
	return f.bad, err
}

// checked returns how many orders went through the gate.
func (x *exchange) checked() uint64 {
	for _, r := range x.spine.Stats().Routes {
		if r.Organ == "gate" && r.Event == "ORDER_SUBMITTED" {
			return r.Handled
		}
	}
	return 0
}
