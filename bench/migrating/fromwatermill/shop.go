// Package fromwatermill is the program of docs/migrating.md as it is written for Watermill.
package fromwatermill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/redis/go-redis/v9"
)

type OrderPlaced struct {
	OrderID string `json:"order_id"`
	Cents   int    `json:"cents"`
}

type PaymentTaken struct {
	OrderID string `json:"order_id"`
}

var errBlocked = errors.New("the customer is blocked")

type shop struct{ out io.Writer }

func (s *shop) charge(m *message.Message) ([]*message.Message, error) {
	var o OrderPlaced
	if err := json.Unmarshal(m.Payload, &o); err != nil {
		return nil, err
	}
	if o.OrderID == "blocked" {
		return nil, errBlocked
	}
	fmt.Fprintln(s.out, "charge", o.Cents, "for", o.OrderID)
	payload, err := json.Marshal(PaymentTaken{OrderID: o.OrderID})
	if err != nil {
		return nil, err
	}
	return []*message.Message{message.NewMessage(watermill.NewUUID(), payload)}, nil
}

func (s *shop) send(m *message.Message) error {
	var p PaymentTaken
	if err := json.Unmarshal(m.Payload, &p); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "ship", p.OrderID)
	return nil
}

// Serve handles orders until ctx ends.
func Serve(ctx context.Context, client redis.UniversalClient, out io.Writer) error {
	log, s := watermill.NopLogger{}, &shop{out}
	router, err := message.NewRouter(message.RouterConfig{}, log)
	if err != nil {
		return err
	}
	publisher, err := redisstream.NewPublisher(redisstream.PublisherConfig{Client: client}, log)
	if err != nil {
		return err
	}
	poison, err := middleware.PoisonQueue(publisher, "poison")
	if err != nil {
		return err
	}
	retry := middleware.Retry{
		MaxRetries: 4, InitialInterval: 100 * time.Millisecond, MaxInterval: 30 * time.Second, Multiplier: 2,
		ShouldRetry: func(p middleware.RetryParams) bool { return !errors.Is(p.Err, errBlocked) },
	}
	router.AddMiddleware(poison, retry.Middleware, middleware.Recoverer)

	billing, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{Client: client, ConsumerGroup: "billing"}, log)
	if err != nil {
		return err
	}
	shipping, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{Client: client, ConsumerGroup: "shipping"}, log)
	if err != nil {
		return err
	}
	router.AddHandler("billing", "orders", billing, "payments", publisher, s.charge)
	router.AddConsumerHandler("shipping", "payments", shipping, s.send)
	return router.Run(ctx)
}

// Place places an order.
func Place(client redis.UniversalClient, id string) error {
	publisher, err := redisstream.NewPublisher(redisstream.PublisherConfig{Client: client}, watermill.NopLogger{})
	if err != nil {
		return err
	}
	payload, err := json.Marshal(OrderPlaced{OrderID: id, Cents: 4200})
	if err != nil {
		return err
	}
	return publisher.Publish("orders", message.NewMessage(watermill.NewUUID(), payload))
}
