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
	return stagedWork(url, func(n int) (run, leave func()) {
		storeTasks(url, n)
		connection := dialRedis(url)
		client := asynq.NewClientFromRedisClient(connection)
		server := asynq.NewServerFromRedisClient(connection, asynq.Config{
			Concurrency: concurrency, Queues: map[string]int{orders: 1}, LogLevel: asynq.FatalLevel,
			TaskCheckInterval: 10 * time.Millisecond, // how long it sleeps when it finds no task, so only at the end
		})
		var open sync.WaitGroup
		open.Add(n)
		return func() {
				checkError(server.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
					defer open.Done()
					return asynqAccept(ctx, client, t)
				})))
				open.Wait()
				awaitNone(func() int64 {
					active, err := connection.LLen(context.Background(), "asynq:{"+orders+"}:active").Result()
					checkError(err)
					return active
				})
			}, func() {
				server.Shutdown()
				checkError(connection.Close())
			}
	})
}

// asynqAccept decodes, handles, validates and encodes.
func asynqAccept(ctx context.Context, client *asynq.Client, t *asynq.Task) error {
	var o order.Placed
	checkError(json.Unmarshal(t.Payload(), &o))
	made, err := (&billing.Clerk{}).Accept(ctx, &o)
	checkError(err)
	checkError(made.Validate())
	enqueueTask(client, accepted, made)
	return nil
}

// storeTasks enqueues n orders. There is no call for many.
func storeTasks(url string, n int) {
	connection := dialRedis(url)
	defer connection.Close()
	client := asynq.NewClientFromRedisClient(connection)
	sample := order.Sample()
	for range n {
		enqueueTask(client, orders, &sample)
	}
}

func enqueueTask(client *asynq.Client, queue string, e any) {
	payload, err := json.Marshal(e)
	checkError(err)
	_, err = client.Enqueue(asynq.NewTask(queue, payload), asynq.Queue(queue))
	checkError(err)
}
