package postgres_test

import (
	"context"
	"fmt"
	"log"

	"github.com/necrostack/necrogen/backends/postgres"
	necro "github.com/necrostack/necrogen/runtime"
)

// A spine over a database. What is published here is handled by any process that opens the namespace with a spine that has
// organs, now or later.
func ExampleOpen() {
	server, err := startShared() // stands for yours
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	backend, err := postgres.Open(ctx, server.URL(), postgres.WithNamespace("shop"))
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend)
	if err != nil {
		log.Fatal(err)
	}
	handled, err := spine.Drain(ctx)
	fmt.Println(handled, err)
	// Output:
	// nothing done <nil>
}
