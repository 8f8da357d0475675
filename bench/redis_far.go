package main

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// farTrips are the round trips to the server at which a backlog is worked off, beside that of this
// machine itself.
var farTrips = []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}

// farContests: the same step as in redisContests, but each command takes its time to the server and
// back. All contestants go through the same proxy, which delays nothing while orders are stored.
func farContests(proxy *redistest.Proxy) []contest {
	url := ""
	if proxy != nil {
		url = proxy.URL()
	}
	far := func(trip time.Duration, open func() work) func() work {
		return func() work { return delayedWork(proxy, trip, open()) }
	}
	var all []contest
	for _, trip := range farTrips {
		all = append(all, contest{
			name:  fmt.Sprintf("redis-far-%d", trip.Milliseconds()),
			title: fmt.Sprintf("redis, %d ms there and back: consume + emit an order of 11 fields as one step, from a backlog", trip.Milliseconds()),
			ours:  contestant{"necro, all defaults", far(trip, spineRedisStep(url))},
			peers: []peer{
				{contestant{"floor: bare loop, settles and reads 512 in one pipeline", far(trip, barePipelined(url, 512))}, speed(0.7)},
				{contestant{"watermill-redisstream, 16 subscribers, JSON", far(trip, watermillRedisStep(url, 16))}, speed(10)},
				{contestant{"asynq, concurrency 16, JSON", far(trip, asynqStep(url, 16))}, speed(10)},
			},
			stretch: farStretch, redis: true,
		})
	}
	return all
}

// farStretch makes a round two seconds long: it begins and ends with some round trips that are not
// those of a backlog.
const farStretch = 40

// delayedWork lets the proxy delay what a run sends and receives.
func delayedWork(proxy *redistest.Proxy, trip time.Duration, w work) work {
	prepare, run := w.prepare, w.run
	w.prepare = func(n int) func() {
		proxy.Delay(0)
		return prepare(n)
	}
	w.run = func(n int) {
		proxy.Delay(trip / 2)
		defer proxy.Delay(0)
		run(n)
	}
	return w
}

// barePipelined is bareLoop with one round trip for each batch: what settles one and what reads the
// next are sent together.
func barePipelined(url string, batch int64) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		storeBare(url, n)
		client := dialRedis(url)
		createGroup(client)
		checkError(bareStep.Load(context.Background(), client).Err())
		return func() {
			var args []any
			for done := 0; done < n; {
				pipe := client.Pipeline()
				var settle *redis.Cmd
				if len(args) > 0 {
					settle = bareStep.EvalSha(context.Background(), pipe, []string{orders, accepted}, args...)
				}
				read := pipe.XReadGroup(context.Background(), &redis.XReadGroupArgs{
					Group: group, Consumer: "one", Streams: []string{orders, ">"}, Count: batch, Block: -1,
				})
				if _, err := pipe.Exec(context.Background()); err != redis.Nil {
					checkError(err)
				}
				if settle != nil {
					settled, err := settle.Int()
					checkError(err)
					done += settled
				}
				args = args[:0]
				for _, s := range read.Val() {
					for _, m := range s.Messages {
						args = append(args, m.ID, m.Values["m"])
					}
				}
			}
		}, func() { checkError(client.Close()) }
	})
}
