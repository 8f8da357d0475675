package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/bench/ledger"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/bench/saga"
	necro "github.com/necrostack/necrogen/runtime"
)

// hotKeys is how many keys the orders have that an organ with state works off.
const hotKeys = 64 // as the title says

// stateContests: what a state in the step of its event costs, and what a saga costs beyond a state.
func stateContests(url string) []contest {
	return []contest{{
		name:  "redis-state",
		title: "redis: one organ that keeps a state for each of 64 keys",
		ours:  contestant{"necro, with state", hotStep(url, &ledger.Sums{Count: ledger.NewCount()})},
		peers: []peer{
			{contestant{"the same organ without state", hotStep(url, &ledger.Orders{Count: ledger.NewCount()})}, speed(0.6)},
			{contestant{"asynq, concurrency 16, which loads and saves it by go-redis", asynqState(url, 16)}, speed(5)},
		},
		stretch: redisStretch, redis: true,
	}, {
		name:  "redis-saga",
		title: "redis: begin → step → done, by two organs with state (an event here is a whole chain)",
		ours: contestant{"necro, a saga with an undo and a timer", sagaSteps(url, func(id string) necro.Event { return &saga.Started{ID: id} },
			&saga.Saga{}, &saga.Worker{})},
		peers: []peer{{contestant{"the same without undo and timer", sagaSteps(url, func(id string) necro.Event { return &saga.PlainStarted{ID: id} },
			&saga.Plain{}, &saga.PlainWorker{})}, speed(0.5)}},
		stretch: redisStretch, redis: true,
	}}
}

// hotStep works off orders of the hot keys.
func hotStep(url string, organ necro.Organ) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		s := newRedisSpine(url, nil, necro.WithOrgans(organ), necro.WithMaxSteps(n))
		events := make([]necro.Event, n)
		for i := range events {
			events[i] = hotOrder(i)
		}
		s.publishAll(events)
		return s.runUntilSettled, s.closeSpine
	})
}

func hotOrder(i int) *order.Placed {
	o := order.Sample()
	o.OrderID = keyOf(i % hotKeys)
	return &o
}

// publishAll publishes events, as many in a call as it takes.
func (s redisSpine) publishAll(events []necro.Event) {
	for batch := range slices.Chunk(events, 1000) {
		checkError(s.PublishBatch(context.Background(), batch))
	}
}

// sagaSteps works off chains that begin with an event for each id: three deliveries of each chain.
func sagaSteps(url string, begin func(id string) necro.Event, organs ...necro.Organ) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		s := newRedisSpine(url, nil, necro.WithOrgans(organs...), necro.WithMaxSteps(3*n))
		events := make([]necro.Event, n)
		for i := range events {
			events[i] = begin(fmt.Sprint("saga-", i))
		}
		s.publishAll(events)
		return s.runUntilSettled, s.closeSpine
	})
}

// asynqState is the organ as a task: its handler reads the state of the order's key, adds the order, and writes it back.
func asynqState(url string, concurrency int) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		connection := dialRedis(url)
		client := asynq.NewClientFromRedisClient(connection)
		for i := range n {
			enqueueTask(client, orders, hotOrder(i))
		}
		server := asynq.NewServerFromRedisClient(connection, asynq.Config{
			Concurrency: concurrency, Queues: map[string]int{orders: 1}, LogLevel: asynq.FatalLevel, TaskCheckInterval: 10 * time.Millisecond,
		})
		var open sync.WaitGroup
		open.Add(n)
		return func() {
				checkError(server.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
					defer open.Done()
					return addToState(ctx, connection, t)
				})))
				open.Wait()
			}, func() {
				server.Shutdown()
				checkError(connection.Close())
			}
	})
}

// addToState adds an order to what came before under its key. It does not keep two orders of a key apart: what that takes comes on top.
func addToState(ctx context.Context, client *redis.Client, t *asynq.Task) error {
	var o order.Placed
	checkError(json.Unmarshal(t.Payload(), &o))
	checkError(o.Validate())
	var state ledger.Placed
	text, err := client.Get(ctx, "state:"+o.OrderID).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
	case err != nil:
		return err
	default:
		checkError(json.Unmarshal(text, &state))
	}
	state.Times++
	state.Amount += o.Amount
	text, err = json.Marshal(&state)
	checkError(err)
	return client.Set(ctx, "state:"+o.OrderID, text, 0).Err()
}
