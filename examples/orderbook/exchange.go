package main

import (
	"context"
	"fmt"
	"io"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/input"
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

// publish stores events; it waits while the backend is full.
func (x *exchange) publish(ctx context.Context, events ...necro.Event) error {
	return cli.Publish(ctx, x.spine, x.backend, events...)
}

// trade runs the exchange on its orders; it returns how many lines of input were wrong.
func (x *exchange) trade(ctx context.Context, o *options, sources []input.Source, stderr io.Writer) (bad int, err error) {
	f := x.feed(sources, stderr)
	run := f.Run
	if o.stress > 0 {
		run = func(ctx context.Context) error { return newFlow(o.seed).run(ctx, x, o.stress) }
	}
	defer cli.Progress(stderr, "orders", o.stress, x.checked)()
	err = cli.Serve(ctx, x.spine, run)
	return f.Bad, err
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
