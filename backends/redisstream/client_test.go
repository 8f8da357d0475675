package redisstream_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestEndpointThatMoves: behind one address another server answers, and the old one, which is
// a replica now, has kept its connections.
func TestEndpointThatMoves(t *testing.T) {
	r := alone(t)
	other := redistest.Start(t)
	var moved atomic.Bool
	client := redis.NewClient(&redis.Options{Addr: "endpoint:6379", Dialer: func(context.Context, string, string) (net.Conn, error) {
		if moved.Load() {
			return net.Dial("tcp", other.Addr())
		}
		return net.Dial("tcp", r.server.Addr())
	}})
	t.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, r.usual()...)
	r.ok(err, "new")
	t.Cleanup(func() { b.Close() })
	c := r.subscribe(b, sub("o", &Step{}))[0]
	r.publish(b, steps(0, 1)...)
	c.ack(c.take(1)...)

	host, port, _ := net.SplitHostPort(other.Addr())
	r.do("REPLICAOF", host, port)
	moved.Store(true)
	r.until("publishing succeeds again", func() bool { return publishAll(r.ctx, b, steps(1, 1)) == nil })
	r.until("fetching succeeds again", func() bool {
		ds, err := c.fetch(r.ctx, 1)
		if err != nil {
			return false
		}
		r.wants(ds, 1)
		return true
	})
}

// TestClusterCallsThatFailAlone: on a cluster, calls whose contexts end take no connection away
// from others, who would take the backend for closed.
func TestClusterCallsThatFailAlone(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience(t))
	defer cancel()
	r := &rig{T: t, ctx: ctx, namespace: redistest.Namespace(t)}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: redistest.StartCluster(t).Addrs()})
	t.Cleanup(func() { client.Close() })
	b, err := redisstream.New(client, r.usual()...)
	r.ok(err, "new")
	t.Cleanup(func() { b.Close() })
	consumers := r.subscribe(b, sub("a", &Step{}), sub("b", &Step{}))
	end := time.Now().Add(time.Second)
	var calls sync.WaitGroup
	for _, c := range consumers {
		calls.Go(func() {
			for time.Now().Before(end) {
				short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
				ds, err := c.fetch(short, 8)
				for _, d := range ds {
					_, err = c.Settle(short, []contract.Outcome{ack(d)})
				}
				cancel()
				if errors.Is(err, contract.ErrClosed) {
					t.Errorf("consume: %v", err)
					return
				}
			}
		})
	}
	for i := 0; time.Now().Before(end); i++ {
		r.ok(publishAll(ctx, b, steps(i, 1)), "publish")
	}
	calls.Wait()
}

// TestUserWithoutClientCommands: a user who may not ask for the id of a connection, nor unblock
// one, gets events all the same.
func TestUserWithoutClientCommands(t *testing.T) {
	for i, rules := range [][]any{{"-client"}, {"-client|id"}, {"-client|unblock"}} {
		r := share(t)
		name := r.namespace + strconv.Itoa(i)
		r.do(append([]any{"ACL", "SETUSER", name, "on", ">secret", "~*", "+@all"}, rules...)...)
		b := r.openAt(strings.Replace(r.server.URL(), "redis://", "redis://"+name+":secret@", 1))
		c := r.subscribe(b, sub("o", &Step{}))[0]
		time.AfterFunc(50*time.Millisecond, func() { publishAll(r.ctx, b, steps(i, 1)) })
		ctx, cancel := context.WithTimeout(r.ctx, r.soon())
		ds, err := c.fetch(ctx, 1)
		cancel()
		r.ok(err, "fetch without "+rules[0].(string))
		r.wants(ds, i)
		r.ok(b.Close(), "close")
	}
}
