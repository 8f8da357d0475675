package main

import (
	"context"
	"fmt"
	"io"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/input"
	necro "github.com/necrostack/necrogen/runtime"
)

// outside is what an exchange works with.
type outside struct {
	backend cli.Backend
	journal Journal // nil: the books end with the process
	house   ClearingHouse
	trail   io.Writer // nil for none
}

// exchange is the program's topology, ready to run.
type exchange struct {
	outside
	spine    *necro.Spine
	matching *Matching
	audit    *Audit
	before   balance
}

func newExchange(ctx context.Context, o *options, out outside, more ...necro.Option) (*exchange, error) {
	x := &exchange{outside: out, matching: NewMatching(out.journal), audit: NewAudit(out.trail, o.trades)}
	if err := x.matching.Restore(ctx); err != nil {
		return nil, err
	}
	gate := &Gate{Rules: []Rule{MaxValue(o.maxValue), Suspended(o.suspended...)}}
	organs := necro.WithOrgans(gate, x.matching, &Settlement{out.house}, NewRisk(o.limit), x.audit)
	options := []necro.Option{organs, necro.WithLogger(o.log)}
	if o.lease > 0 {
		options = append(options, necro.WithLease(o.lease))
	}
	var err error
	if x.spine, err = necro.New(x.backend, append(options, more...)...); err != nil {
		return nil, err
	}
	x.before = x.drawBalance(ctx)
	return x, nil
}

// finishEarlier works off what a run that was killed has left in a backend that outlives it.
// Its orders are in the books, then, or in no report.
func finishEarlier(ctx context.Context, o *options, out outside, stderr io.Writer) error {
	left := underWay(ctx, out.backend)
	if left == 0 {
		return nil
	}
	fmt.Fprintf(stderr, "orderbook: an earlier run left %s deliveries, they are finished first: this may take half a minute\n", cli.Count(left))
	x, err := newExchange(ctx, o, outside{backend: out.backend, journal: out.journal, house: out.house})
	if err == nil {
		_, err = x.spine.Drain(ctx)
	}
	return err
}

// underWay returns how many deliveries are still to be handled.
func underWay(ctx context.Context, backend cli.Backend) (n int) {
	for _, organ := range backend.Health(ctx).Organs {
		n += organ.Ready + organ.Leased + organ.Scheduled
	}
	return n
}

// publishEvents stores events; it waits while the backend is full.
func (x *exchange) publishEvents(ctx context.Context, events ...necro.Event) error {
	return cli.Publish(ctx, x.spine, x.backend, events...)
}

// feeder publishes orders, until there are no more or ctx ends; it returns how many were
// wrong.
type feeder func(ctx context.Context) (wrong int, err error)

// chooseFeeder returns the feeder that the options ask for.
func (x *exchange) chooseFeeder(o *options, sources []input.Source, stdin io.Reader, stdout io.Writer, screen *cli.Screen) feeder {
	first := x.matching.HighestID()
	switch {
	case o.interactive:
		return (&console{x: x, o: o, out: stdout, trader: o.trader, id: first}).readCommands(stdin, screen)
	case o.stress > 0:
		return func(ctx context.Context) (int, error) {
			return 0, newFlow(o.seed, first).publishRandom(ctx, x, o.stress)
		}
	}
	f := x.makeFeed(sources, first, screen)
	return func(ctx context.Context) (int, error) {
		err := f.Run(ctx)
		return f.Bad, err
	}
}

// runExchange runs the exchange on the orders of a feeder; it returns how many of these were wrong.
func (x *exchange) runExchange(ctx context.Context, o *options, feed feeder, screen *cli.Screen) (wrong int, err error) {
	if !o.interactive {
		defer cli.Progress(screen, "orders", o.stress, x.countChecked)()
	}
	err = cli.Serve(ctx, x.spine, func(ctx context.Context) (err error) {
		wrong, err = feed(ctx)
		return err
	})
	return wrong, err
}

// countChecked returns how many orders went through the gate.
func (x *exchange) countChecked() uint64 {
	for _, r := range x.spine.Stats().Routes {
		if r.Organ == "gate" && r.Event == "ORDER_SUBMITTED" {
			return r.Handled
		}
	}
	return 0
}
