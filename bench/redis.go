package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/bench/order"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// redisContests: orders wait on a server; the clock runs from the start of the consumers until the server has
// all of them settled. The events that come out of the one step are stored and never read.
func redisContests(url string) []contest {
	bare128 := contestant{"floor: bare loop of XREADGROUP COUNT 128 and one script", bareLoop(url, 128)}
	bare512 := contestant{"floor: bare loop of XREADGROUP COUNT 512 and one script", bareLoop(url, 512)}
	watermill1 := contestant{"watermill-redisstream, Router, JSON", watermillRedisStep(url, 1)}
	watermill16 := contestant{"the same with 16 subscribers", watermillRedisStep(url, 16)}
	asynq16 := contestant{"asynq, concurrency 16, JSON", asynqStep(url, 16)}
	return []contest{{
		name:  "redis-step",
		title: "redis: consume + emit an order of 11 fields as one step, one event an entry",
		ours:  contestant{"necro, WithPack(1)", spineRedisStep(url, redisstream.WithPack(1))},
		peers: []peer{
			{bare128, speed(0)}, {bare512, speed(0.8)}, {watermill1, speed(0)}, {watermill16, speed(0)}, {asynq16, speed(0)},
		},
		stretch: redisStretch, redis: true,
	}, {
		name:  "redis-packed",
		title: "redis: consume + emit an order of 11 fields as one step",
		ours:  contestant{"necro, all defaults", spineRedisStep(url)},
		peers: []peer{
			{bare128, speed(0)}, {bare512, speed(2.5)}, {watermill1, speed(10)}, {watermill16, speed(10)}, {asynq16, speed(10)},
		},
		stretch: redisStretch, redis: true,
	}, {
		name:  "redis-chain",
		title: "redis: a chain of three organs, order → payment → parcel (an event here is a whole chain)",
		ours:  contestant{"necro, all defaults", spineRedisChain(url)},
		peers: []peer{
			{contestant{"watermill-redisstream, Router, JSON", watermillRedisChain(url, 1)}, speed(10)},
			{contestant{"the same with 16 subscribers a topic", watermillRedisChain(url, 16)}, speed(10)},
		},
		stretch: redisStretch, redis: true,
	}}
}

// redisStretch makes a round long enough for what happens once in it: connections, groups, the
// first small batches.
const redisStretch = 5

// redisServer is the server that all Redis contests use, in turn.
type redisServer struct {
	url     string
	proxy   *redistest.Proxy // in front of it
	version string
	err     error // why there is none
	leave   func()
}

// launchRedis starts a server that stores nothing on disk.
func launchRedis() redisServer {
	redis.SetLogger(silent{}) // it tells of every client that is closed in the middle of a read
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return redisServer{err: err, leave: func() {}}
	}
	leave := func() { os.RemoveAll(dir) }
	server, err := redistest.Launch(dir)
	if err != nil {
		return redisServer{err: err, leave: leave}
	}
	client := dialRedis(server.URL())
	defer client.Close()
	proxy, err := redistest.NewProxy(server.Addr())
	checkError(err)
	return redisServer{server.URL(), proxy, serverInfo(client, "server", "redis_version"), nil, func() {
		proxy.Close()
		server.Close()
		leave()
	}}
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func (s redisServer) String() string {
	if s.err != nil {
		return s.err.Error()
	}
	return fmt.Sprintf("redis-server %s, nothing on disk, on this machine", s.version)
}

// stagedWork opens a contestant that begins each run on an empty server: stage stores what a run
// consumes, and leave ends the consumers, neither on the clock.
func stagedWork(url string, stage func(n int) (run, leave func())) func() work {
	return func() work {
		client := dialRedis(url)
		var run func()
		return work{
			prepare: func(n int) func() {
				emptyServer(client)
				var leave func()
				run, leave = stage(n)
				return leave
			},
			run:   func(int) { run() },
			leave: func() { checkError(client.Close()) },
		}
	}
}

// dialRedis makes a client as its users do, with all defaults.
func dialRedis(url string) *redis.Client {
	options, err := redis.ParseURL(url)
	checkError(err)
	return redis.NewClient(options)
}

// emptyServer takes away everything that is stored.
func emptyServer(client *redis.Client) { checkError(client.FlushAll(context.Background()).Err()) }

// serverInfo returns one value of the server's INFO.
func serverInfo(client *redis.Client, section, name string) string {
	text, err := client.Info(context.Background(), section).Result()
	checkError(err)
	_, rest, _ := strings.Cut(text, "\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r")
	return value
}

// awaitNone polls until nothing is left: handlers are done a little before the server knows.
func awaitNone(left func() int64) {
	for left() > 0 {
		time.Sleep(100 * time.Microsecond)
	}
}

// encodedOrder is the order as bytes.
func encodedOrder() []byte {
	sample := order.Sample()
	payload, err := sample.AppendMsgpack(nil)
	checkError(err)
	return payload
}
