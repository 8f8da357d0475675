// Package fromasynq is the program of docs/migrating.md as it is written for asynq.
package fromasynq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const (
	orderPlaced  = "order:placed"
	paymentTaken = "payment:taken"
)

type OrderPlaced struct {
	OrderID string `json:"order_id"`
	Cents   int    `json:"cents"`
}

type PaymentTaken struct {
	OrderID string `json:"order_id"`
}

var errBlocked = errors.New("the customer is blocked")

type shop struct {
	client *asynq.Client
	out    io.Writer
}

func (s *shop) charge(ctx context.Context, t *asynq.Task) error {
	var o OrderPlaced
	if err := json.Unmarshal(t.Payload(), &o); err != nil {
		return err
	}
	if o.OrderID == "blocked" {
		return fmt.Errorf("%w: %w", errBlocked, asynq.SkipRetry)
	}
	fmt.Fprintln(s.out, "charge", o.Cents, "for", o.OrderID)
	payload, err := json.Marshal(PaymentTaken{OrderID: o.OrderID})
	if err != nil {
		return err
	}
	_, err = s.client.EnqueueContext(ctx, asynq.NewTask(paymentTaken, payload), asynq.MaxRetry(4))
	return err
}

func (s *shop) send(_ context.Context, t *asynq.Task) error {
	var p PaymentTaken
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "ship", p.OrderID)
	return nil
}

// Serve handles orders until ctx ends.
func Serve(ctx context.Context, client redis.UniversalClient, out io.Writer) error {
	s := &shop{asynq.NewClientFromRedisClient(client), out}
	mux := asynq.NewServeMux()
	mux.HandleFunc(orderPlaced, s.charge)
	mux.HandleFunc(paymentTaken, s.send)
	server := asynq.NewServerFromRedisClient(client, asynq.Config{Concurrency: 1, LogLevel: asynq.FatalLevel})
	if err := server.Start(mux); err != nil {
		return err
	}
	<-ctx.Done()
	server.Shutdown()
	return nil
}

// Place places an order.
func Place(client redis.UniversalClient, id string) error {
	payload, err := json.Marshal(OrderPlaced{OrderID: id, Cents: 4200})
	if err != nil {
		return err
	}
	_, err = asynq.NewClientFromRedisClient(client).Enqueue(asynq.NewTask(orderPlaced, payload), asynq.MaxRetry(4))
	return err
}
