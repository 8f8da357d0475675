package redisstream_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// ParcelSent says that a parcel is under way.
//
//necro:event key=Parcel
type ParcelSent struct {
	Parcel string `msgpack:"parcel" validate:"required"`
}

// Notifier tells customers.
//
//necro:organ shop.Notifier
type Notifier struct{}

// Notify tells one.
//
//necro:handle
func (Notifier) Notify(_ context.Context, p *ParcelSent) error {
	fmt.Println("on its way:", p.Parcel)
	return nil
}

// One process publishes and ends. Another one, here with a backend of its own, handles what the
// first has left.
func Example() {
	ctx := context.Background()
	url, stop := startRedis()
	defer stop()

	shop, err := redisstream.Open(url)
	if err != nil {
		log.Fatal(err)
	}
	publisher, err := necro.New(shop)
	if err != nil {
		log.Fatal(err)
	}
	if err := publisher.Publish(ctx, &ParcelSent{Parcel: "parcel-1"}); err != nil {
		log.Fatal(err)
	}
	if err := shop.Close(); err != nil {
		log.Fatal(err)
	}

	backend, err := redisstream.Open(url)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	worker, err := necro.New(backend, necro.WithOrgans(&Notifier{}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := worker.Drain(ctx); err != nil { // a service calls Run
		log.Fatal(err)
	}
	// Output: on its way: parcel-1
}
