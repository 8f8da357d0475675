package main

import (
	"context"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/ledger"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/shipping"
	necro "github.com/necrostack/necrogen/runtime"
)

// chainContests: an order goes through three organs, which emit to each other.
func chainContests() []contest {
	return []contest{{
		name:  "chain",
		title: "memory: a chain of three organs, order → payment → parcel (an event here is a whole chain)",
		ours:  contestant{"necro, all defaults", spineChain},
		peers: []peer{
			{contestant{"floor: three buffered channels, same Validate", channelChain}, speed(1)},
			{contestant{"watermill gochannel, Router, JSON", watermillChain}, speed(30)},
		},
	}}
}

func spineChain() work { return chainWith() }

func chainWith(options ...necro.Option) work {
	count, sample := ledger.NewCount(), order.Sample()
	organs := necro.WithOrgans(&billing.Desk{}, &shipping.Ramp{}, &ledger.Parcels{Count: count})
	spine, stop := serveOrgans(append(options, organs)...)
	return work{run: func(n int) {
		ctx := context.Background()
		count.Expect(n)
		for range n {
			e := sample
			checkError(spine.Publish(ctx, &e))
		}
		count.Wait()
	}, leave: stop}
}

func channelChain() work {
	count, sample := ledger.NewCount(), order.Sample()
	orders := make(chan *order.Placed, buffer)
	payments := make(chan *billing.Taken, buffer)
	parcels := make(chan *shipping.Sent, buffer)
	go channelStep(orders, payments, (&billing.Desk{}).Charge, (*billing.Taken).Validate)
	go channelStep(payments, parcels, (&shipping.Ramp{}).Send, (*shipping.Sent).Validate)
	go func() {
		end := &ledger.Parcels{Count: count}
		for e := range parcels {
			checkError(end.Handle(context.Background(), e))
		}
	}()
	return work{run: func(n int) {
		count.Expect(n)
		for range n {
			e := sample
			checkError(e.Validate())
			orders <- &e
		}
		count.Wait()
	}, leave: func() { close(orders) }}
}

// channelStep is one handler between two channels: its event is validated and sent on.
func channelStep[In, Out any](in <-chan *In, out chan<- *Out, handle func(context.Context, *In) (*Out, error), validate func(*Out) error) {
	defer close(out)
	for e := range in {
		made, err := handle(context.Background(), e)
		checkError(err)
		checkError(validate(made))
		out <- made
	}
}
