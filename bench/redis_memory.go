package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/order"
	necro "github.com/necrostack/necrogen/runtime"
)

// printMemory prints what an order costs in the server while it waits.
func printMemory(w io.Writer, s settings, url string) ([]string, error) {
	n := int(s.round.Milliseconds()) * 200
	fmt.Fprintf(w, "redis: memory of the server for each of %d orders that wait; an order encodes to %d bytes\n", n, len(encodedOrder()))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, way := range []struct {
		name  string
		store func(url string, n int)
	}{
		{"necro, PublishBatch", storeSpineBatches},
		{"necro, Publish one by one", storeSpineSingles},
		{"bare XADD", storeBare},
		{"watermill-redisstream, JSON", storeWatermill},
		{"asynq, JSON", storeTasks},
	} {
		fmt.Fprintf(t, "  %s\t%d bytes\n", way.name, memoryOf(way.store, url, n))
	}
	t.Flush()
	fmt.Fprintln(w)
	return nil, nil
}

// memoryOf stores n orders on an empty server.
func memoryOf(store func(url string, n int), url string, n int) int {
	client := dialRedis(url)
	defer client.Close()
	store(url, 1) // scripts are in the server then
	emptyServer(client)
	before := usedMemory(client)
	store(url, n)
	return (usedMemory(client) - before) / n
}

func usedMemory(client *redis.Client) int {
	bytes, err := strconv.Atoi(serverInfo(client, "memory", "used_memory"))
	checkError(err)
	return bytes
}

// storeSpineBatches publishes n orders for one organ, packed.
func storeSpineBatches(url string, n int) {
	s := newRedisSpine(url, nil, necro.WithOrgans(&billing.Clerk{}))
	s.publishOrders(n)
	s.closeSpine()
}

// storeSpineSingles publishes n orders for one organ, in a call each.
func storeSpineSingles(url string, n int) {
	s := newRedisSpine(url, nil, necro.WithOrgans(&billing.Clerk{}))
	sample := order.Sample()
	for range n {
		checkError(s.Publish(context.Background(), &sample))
	}
	s.closeSpine()
}
