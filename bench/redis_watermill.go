package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/shipping"
)

// watermillRedisStep is the step as Watermill's documentation shows it: a Router over Redis
// streams, JSON payloads. It removes no entry, and acknowledges after it has published.
func watermillRedisStep(url string, subscribers int) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		storeWatermill(url, n)
		r := newWatermillRedis(url, n)
		r.addStep(subscribers, orders, accepted, watermillStep((&billing.Clerk{}).Accept, (*order.Accepted).Validate), true)
		return r.runRouter, r.closeRouter
	})
}

// watermillRedisChain is the chain. Its last step makes nothing.
func watermillRedisChain(url string, subscribers int) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		storeWatermill(url, n)
		r := newWatermillRedis(url, n)
		r.addStep(subscribers, orders, "payments", watermillStep((&billing.Desk{}).Charge, (*billing.Taken).Validate), false)
		r.addStep(subscribers, "payments", "parcels", watermillStep((&shipping.Ramp{}).Send, (*shipping.Sent).Validate), false)
		r.addStep(subscribers, "parcels", "", watermillEnd, true)
		return r.runRouter, r.closeRouter
	})
}

func watermillEnd(m *message.Message) ([]*message.Message, error) {
	return nil, json.Unmarshal(m.Payload, new(shipping.Sent))
}

// watermillRedis is a Router over Redis streams.
type watermillRedis struct {
	url    string
	router *message.Router
	topics []string       // that are consumed
	open   sync.WaitGroup // orders that are not yet through
	ended  chan error
}

// newWatermillRedis makes a router that expects n orders.
func newWatermillRedis(url string, n int) *watermillRedis {
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
	checkError(err)
	r := &watermillRedis{url: url, router: router, ended: make(chan error)}
	r.open.Add(n)
	return r
}

// storeWatermill publishes n orders. Watermill sends them one by one, however many it is given.
func storeWatermill(url string, n int) {
	publisher := watermillPublisher(url)
	sample := order.Sample()
	for range n {
		checkError(publisher.Publish(orders, watermillMessage(&sample)))
	}
	checkError(publisher.Close())
}

func watermillPublisher(url string) message.Publisher {
	p, err := redisstream.NewPublisher(redisstream.PublisherConfig{Client: dialRedis(url)}, watermill.NopLogger{})
	checkError(err)
	return p
}

// addStep adds a step with several subscribers, which share the work: each takes one message at
// a time.
func (r *watermillRedis) addStep(subscribers int, from, to string, step message.HandlerFunc, last bool) {
	r.topics = append(r.topics, from)
	counted := func(m *message.Message) ([]*message.Message, error) {
		made, err := step(m)
		checkError(err)
		if last {
			r.open.Done()
		}
		return made, nil
	}
	publisher := watermillPublisher(r.url)
	for i := range subscribers {
		subscriber, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{
			Client: dialRedis(r.url), ConsumerGroup: group, DisableIndefiniteInitialBlock: true,
		}, watermill.NopLogger{})
		checkError(err)
		r.router.AddHandler(fmt.Sprint(from, i), from, subscriber, to, publisher, counted)
	}
}

func (r *watermillRedis) runRouter() {
	go func() { r.ended <- r.router.Run(context.Background()) }()
	r.open.Wait()
	client := dialRedis(r.url)
	defer client.Close()
	awaitNone(func() (left int64) {
		for _, topic := range r.topics {
			pending, err := client.XPending(context.Background(), topic, group).Result()
			checkError(err)
			left += pending.Count
		}
		return left
	})
}

func (r *watermillRedis) closeRouter() {
	checkError(r.router.Close())
	checkError(<-r.ended)
}
