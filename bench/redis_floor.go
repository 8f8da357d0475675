package main

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	orders   = "orders"   // the stream, topic or queue that is consumed
	accepted = "accepted" // the stream for the step's results
	group    = "clerk"
)

// bareStep acknowledges, removes and passes on each entry: what a hand-written consumer must
// send, so that no crash loses or doubles an event.
var bareStep = redis.NewScript(`
local done = 0
for i = 1, #ARGV, 2 do
  if redis.call('XACK', KEYS[1], 'clerk', ARGV[i]) == 1 then
    redis.call('XDEL', KEYS[1], ARGV[i])
    redis.call('XADD', KEYS[2], '*', 'm', ARGV[i + 1])
    done = done + 1
  end
end
return done`)

// bareLoop reads a batch and settles it with one script, again and again. It never looks into the bytes that it
// passes on.
func bareLoop(url string, batch int64) func() work {
	return stagedWork(url, func(n int) (run, leave func()) {
		storeBare(url, n)
		client := dialRedis(url)
		createGroup(client)
		return func() {
			for done := 0; done < n; {
				args := []any{}
				for _, m := range readBare(client, "one", batch) {
					args = append(args, m.ID, m.Values["m"])
				}
				settled, err := bareStep.Run(context.Background(), client, []string{orders, accepted}, args...).Int()
				checkError(err)
				done += settled
			}
		}, func() { checkError(client.Close()) }
	})
}

func createGroup(client *redis.Client) {
	checkError(client.XGroupCreateMkStream(context.Background(), orders, group, "0").Err())
}

// readBare waits up to 100ms for entries. It returns none when none came.
func readBare(client *redis.Client, consumer string, batch int64) []redis.XMessage {
	streams, err := client.XReadGroup(context.Background(), &redis.XReadGroupArgs{
		Group: group, Consumer: consumer, Streams: []string{orders, ">"}, Count: batch, Block: 100 * time.Millisecond,
	}).Result()
	if err == redis.Nil {
		return nil
	}
	checkError(err)
	return streams[0].Messages
}

// storeBare adds n orders, an entry each.
func storeBare(url string, n int) {
	client := dialRedis(url)
	defer client.Close()
	payload := encodedOrder()
	for n > 0 {
		_, err := client.Pipelined(context.Background(), func(p redis.Pipeliner) error {
			for range min(n, 1000) {
				addBare(p, payload)
			}
			return nil
		})
		checkError(err)
		n -= 1000
	}
}

func addBare(client redis.Cmdable, payload []byte) *redis.StringCmd {
	return client.XAdd(context.Background(), &redis.XAddArgs{Stream: orders, Values: []any{"m", payload}})
}
