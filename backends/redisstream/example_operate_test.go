package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// What a monitor shows: how stored events survive, and what each organ has before it.
func ExampleBackend_Health() {
	ctx := context.Background()
	url, stop := startRedis()
	defer stop()
	backend, err := redisstream.Open(url)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithOrgans(&Notifier{}))
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &ParcelSent{Parcel: "parcel-1"}); err != nil {
		log.Fatal(err)
	}
	health := backend.Health(ctx)
	fmt.Println(health.Durability)
	for _, organ := range health.Organs {
		fmt.Println(organ.Organ, organ.Ready, "ready,", organ.Leased, "leased,", organ.Scheduled, "scheduled")
	}
	// Output:
	// neither AOF nor snapshots: a restart of the server loses everything
	// shop.Notifier 1 ready, 0 leased, 0 scheduled
}

// Dead letters outlive the process that gave them up. An operator's tool lists them, and stores
// them again when the cause is mended.
func ExampleBackend_DeadLetters() {
	ctx := context.Background()
	url, stop := startRedis()
	defer stop()
	backend, err := redisstream.Open(url)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	refuse := func(necro.HandlerFunc) necro.HandlerFunc {
		return func(context.Context, contract.Event) error { return contract.Permanent(errors.New("no such customer")) }
	}
	broken, err := necro.New(backend, necro.WithOrgans(&Notifier{}), necro.WithMiddleware(refuse))
	if err != nil {
		log.Fatal(err)
	}
	if err := broken.Publish(ctx, &ParcelSent{Parcel: "parcel-1"}); err != nil {
		log.Fatal(err)
	}
	if _, err := broken.Drain(ctx); err != nil {
		log.Fatal(err)
	}

	letters, err := backend.DeadLetters(ctx, "shop.Notifier", contract.ID{}, 100)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range letters {
		fmt.Println(l.Message.Type.Name, l.Reason, l.Error)
		if _, err := backend.Redrive(ctx, l.Organ, l.ID); err != nil {
			log.Fatal(err)
		}
	}
	mended, err := necro.New(backend, necro.WithOrgans(&Notifier{}))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := mended.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// PARCEL_SENT permanent no such customer
	// on its way: parcel-1
}
