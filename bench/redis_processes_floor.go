package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

// bareEnv makes this program one of the processes of shareBare: it holds the server's URL.
const bareEnv = "BENCH_BARE"

// startBare is a list from which each process of shareBare takes a token when the work begins.
const startBare = "start"

// shareBare lets n processes work off so many orders with the bare loop. What their number adds to the server's
// time for an order, the machine adds: commands and batches are the same.
func shareBare(url string, n, events int) (cost, error) {
	client := dialRedis(url)
	defer client.Close()
	emptyServer(client)
	storeBare(url, events)
	createGroup(client)
	var ends []func() error
	defer func() {
		for _, end := range ends {
			end()
		}
	}()
	for range n {
		end, err := startServer(bareEnv, url)
		if err != nil {
			return cost{}, err
		}
		ends = append(ends, end)
	}
	ctx := context.Background()
	before, start := usageOf(client), time.Now()
	for range n {
		checkError(client.RPush(ctx, startBare, "go").Err())
	}
	awaitNone(func() int64 {
		time.Sleep(10 * time.Millisecond)
		left, err := client.XLen(ctx, orders).Result()
		checkError(err)
		return left
	})
	return costSince(before, usageOf(client), time.Since(start), events), nil
}

// serveBare works orders off when it has a token, until it is killed.
func serveBare(url string) {
	ctx, client := context.Background(), dialRedis(url)
	me := strconv.Itoa(os.Getpid())
	fmt.Println("serves")
	checkError(client.BLPop(ctx, 0, startBare).Err())
	for {
		args := []any{}
		for _, m := range readBare(client, me, bareBatch) {
			args = append(args, m.ID, m.Values["m"])
		}
		if len(args) > 0 {
			checkError(bareStep.Run(ctx, client, []string{orders, accepted}, args...).Err())
		}
	}
}

// bareBatch is how many entries a process of shareBare reads at once: as many events as an organ reads packs of.
const bareBatch = 512
