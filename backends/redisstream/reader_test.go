package redisstream_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestReaderWithoutConnection: the server takes no more connections, so nobody can wait for
// events with one of his own. They come all the same.
func TestReaderWithoutConnection(t *testing.T) {
	r := share(t)
	var full atomic.Bool
	client := redis.NewClient(&redis.Options{Addr: r.server.Addr(), Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if full.Load() {
			return nil, errors.New("max number of clients reached")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}})
	t.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, r.usual()...)
	r.ok(err, "new")
	t.Cleanup(func() { b.Close() })
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.publish(b, steps(0, 1)...)
	c.ack(c.take(1)...)
	full.Store(true)
	time.AfterFunc(100*time.Millisecond, func() { r.open().Publish(r.ctx, steps(1, 1), contract.PublishOptions{}) })
	ctx, cancel := context.WithTimeout(r.ctx, r.soon())
	defer cancel()
	ds, err := c.fetch(ctx, 1)
	r.ok(err, "fetch")
	r.wants(ds, 1)
	full.Store(false)
}

// TestSettledTwiceInOneCall: the second time changes nothing, neither for the delivery nor for
// the others of its pack.
func TestSettledTwiceInOneCall(t *testing.T) {
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.publish(b, steps(0, 2)...)
	ds := c.take(2)
	results, err := c.Settle(r.ctx, []contract.Outcome{ack(ds[0], next(ds[0])), ack(ds[0], next(ds[0]))})
	r.ok(err, "settle")
	if len(results) != 2 || !results.IsApplied(0) || results.IsApplied(1) {
		t.Errorf("results: %v", results)
	}
	same(r, "emissions", r.len("park:NEXT"), 1)
	c.settle(ack(ds[1]))
	same(r, "entries", r.len("q:o"), 0)
}
