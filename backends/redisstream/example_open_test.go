package redisstream_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// A wrong URL shows at once. The server is not touched before it is used.
func ExampleOpen() {
	url, stop := startRedis()
	defer stop()
	_, err := redisstream.Open("localhost:6379")
	fmt.Println(err)

	backend, err := redisstream.Open(url)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	fmt.Println(backend.Health(context.Background()).Err)
	// Output:
	// redisstream: need a URL as in redis://localhost:6379/0
	// <nil>
}

// A program that has a client gives it to New, which takes its options. A Sentinel is reached
// through redis.NewFailoverClient, a Cluster through redis.NewClusterClient.
func ExampleNew() {
	ctx := context.Background()
	url, stop := startRedis()
	defer stop()
	options, err := redis.ParseURL(url)
	if err != nil {
		log.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()

	backend, err := redisstream.New(client)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close() // leaves the client open
	fmt.Println(backend.Health(ctx).Err)
	// Output: <nil>
}

// Twelve-factor programs read the address from the environment.
func ExampleFromEnv() {
	url, stop := startRedis()
	defer stop()
	os.Setenv(redisstream.EnvURL, url) // as the shell, or the orchestrator, would
	defer os.Unsetenv(redisstream.EnvURL)

	backend, err := redisstream.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	fmt.Println(redisstream.EnvURL, backend.Health(context.Background()).Err)
	// Output: NECRO_REDIS_URL <nil>
}

// Two programs on one server see nothing of each other.
func ExampleWithNamespace() {
	ctx := context.Background()
	url, stop := startRedis()
	defer stop()
	for _, namespace := range []string{"staging", "production"} {
		backend, err := redisstream.Open(url, redisstream.WithNamespace(namespace))
		if err != nil {
			log.Fatal(err)
		}
		defer backend.Close()
		spine, err := necro.New(backend, necro.WithOrgans(&Notifier{}))
		if err != nil {
			log.Fatal(err)
		}
		if err := spine.Publish(ctx, &ParcelSent{Parcel: "parcel of " + namespace}); err != nil {
			log.Fatal(err)
		}
		stats, err := spine.Drain(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(stats.Handled, "handled")
	}
	// Output:
	// on its way: parcel of staging
	// 1 handled
	// on its way: parcel of production
	// 1 handled
}

// Chains spread over four partitions, which the nodes of a Cluster share. Handlers that take long
// are better off without packs: then events are shared out one by one.
func ExampleWithPartitions() {
	ctx := context.Background()
	url, stop := startRedis()
	defer stop()
	backend, err := redisstream.Open(url,
		redisstream.WithPartitions(4),
		redisstream.WithPack(1),
		redisstream.WithLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithOrgans(&Notifier{}))
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		if err := spine.Publish(ctx, &ParcelSent{Parcel: fmt.Sprint("parcel-", i)}); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// on its way: parcel-0
	// on its way: parcel-1
	// on its way: parcel-2
}
