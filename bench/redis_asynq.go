package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/necrostack/necrogen/bench/billing"
	"github.com/necrostack/necrogen/bench/order"
)

// asynqStep is the step as a task. Its handler enqueues another one, in a queue that no server
// works on.
func asynqStep(url string, concurrency int) func() work {
	return staged(url, func(n int) (run, leave func()) {
		storeTasks(url, n)
		connection := dial(url)
		client := asynq.NewClientFromRedisClient(connection)
		server := asynq.NewServerFromRedisClient(connection, asynq.Config{
			Concurrency: concurrency, Queues: map[string]int{orders: 1}, LogLevel: asynq.FatalLevel,
			TaskCheckInterval: 10 * time.Millisecond, // how long it sleeps when it finds no task, so only at the end
		})
		var open sync.WaitGroup
		open.Add(n)
		return func() {
				check(server.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
					defer open.Done()
					return asynqAccept(ctx, client, t)
				})))
				open.Wait()
				await(func() int64 {
					active, err := connection.LLen(context.Background(), "asynq:{"+orders+"}:active").Result()
					check(err)
					return active
				})
			}, func() {
				server.Shutdown()
				check(connection.Close())
			}
	})
}

// asynqAccept decodes, handles, validates and encodes.
func asynqAccept(ctx context.Context, client *asynq.Client, t *asynq.Task) error {
	var o order.Placed
	check(json.Unmarshal(t.Payload(), &o))
	made, err := (&billing.Clerk{}).Accept(ctx, &o)
	check(err)
	check(made.Validate())
	enqueue(client, accepted, made)
	return nil
}

// storeTasks enqueues n orders. There is no call for many.
func storeTasks(url string, n int) {
	connection := dial(url)
	defer connection.Close()
	client := asynq.NewClientFromRedisClient(connection)
	sample := order.Sample()
	for range n {
		enqueue(client, orders, &sample)
	}
}

func enqueue(client *asynq.Client, queue string, e any) {
	payload, err := json.Marshal(e)
	check(err)
	_, err = client.Enqueue(asynq.NewTask(queue, payload), asynq.Queue(queue))
	check(err)
}
