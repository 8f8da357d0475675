package main

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/shipping"
)

// inFlight is how many chains are under way at once: the fastest of 16 to 1024. Watermill's
// Publish never waits, it starts goroutines for every message; without a bound it is slower.
const inFlight = 64

// watermillChain is the chain as Watermill's documentation shows it: a Router over a
// GoChannel, JSON payloads, one handler for each step.
func watermillChain() work {
	log := watermill.NopLogger{}
	bus := gochannel.NewGoChannel(gochannel.Config{OutputChannelBuffer: inFlight}, log)
	router, err := message.NewRouter(message.RouterConfig{}, log)
	checkError(err)
	var open sync.WaitGroup
	slots := make(chan struct{}, inFlight)
	router.AddHandler("billing", "orders", bus, "payments", bus, watermillStep((&billing.Desk{}).Charge, (*billing.Taken).Validate))
	router.AddHandler("shipping", "payments", bus, "parcels", bus, watermillStep((&shipping.Ramp{}).Send, (*shipping.Sent).Validate))
	router.AddConsumerHandler("ledger", "parcels", bus, func(m *message.Message) error {
		<-slots
		open.Done()
		return json.Unmarshal(m.Payload, new(shipping.Sent))
	})
	ended := make(chan error)
	go func() { ended <- router.Run(context.Background()) }()
	<-router.Running()
	sample := order.Sample()
	return work{run: func(n int) {
		open.Add(n)
		for range n {
			e := sample
			checkError(e.Validate())
			slots <- struct{}{}
			checkError(bus.Publish("orders", watermillMessage(&e)))
		}
		open.Wait()
	}, leave: func() {
		checkError(router.Close())
		checkError(<-ended)
	}}
}

// watermillStep decodes, handles, validates and encodes.
func watermillStep[In, Out any](handle func(context.Context, *In) (*Out, error), validate func(*Out) error) message.HandlerFunc {
	return func(m *message.Message) ([]*message.Message, error) {
		in := new(In)
		if err := json.Unmarshal(m.Payload, in); err != nil {
			return nil, err
		}
		out, err := handle(m.Context(), in)
		if err != nil {
			return nil, err
		}
		if err := validate(out); err != nil {
			return nil, err
		}
		return []*message.Message{watermillMessage(out)}, nil
	}
}

func watermillMessage(e any) *message.Message {
	payload, err := json.Marshal(e)
	checkError(err)
	return message.NewMessage(watermill.NewUUID(), payload)
}
