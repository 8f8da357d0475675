package redisstream_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
)

// TestReadThatComesLateKeepsItsOrder closes a consumer while the reply to its blocking read is
// on the way. What is in it goes back before the next consumer of the process reads on.
func TestReadThatComesLateKeepsItsOrder(t *testing.T) {
	t.Parallel()
	r := alone(t)
	arrive := make(chan struct{})
	client := redis.NewClient(&redis.Options{Addr: r.server.Addr(), Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &lateConn{Conn: conn, arrive: arrive}, err
	}})
	defer client.Close()
	b, err := redisstream.New(client, r.usual()...)
	r.ok(err, "new")
	defer b.Close()
	first := r.subscribe(b, sub("in", &Step{}))[0]
	fetching, stop := context.WithCancel(r.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		first.Fetch(fetching, 1)
	}()
	r.until("a read blocks", func() bool { return strings.Contains(r.do("INFO", "clients").(string), "blocked_clients:1") })
	other := r.open()
	r.publish(other, steps(0, 1)...)
	r.until("it has its reply", func() bool { return r.do("XPENDING", r.key("q:in"), "necro").([]any)[0] == int64(1) })
	r.publish(other, steps(1, 1)...)
	stop()
	<-ended
	time.AfterFunc(200*time.Millisecond, func() { close(arrive) })
	r.ok(first.Close(), "close")
	r.wants(r.subscribe(b, sub("in", &Step{}))[0].take(2), 0, 1)
}

// lateConn keeps what comes after a command that blocks until it may arrive.
type lateConn struct {
	net.Conn
	arrive  chan struct{}
	blocked atomic.Bool
}

func (c *lateConn) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("\r\nBLOCK\r\n")) {
		c.blocked.Store(true)
	}
	return c.Conn.Write(b)
}

func (c *lateConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.blocked.Load() {
		<-c.arrive
	}
	return n, err
}

// TestReleaseOvertakesExtend: a process that renews what it has just handed back, on another
// connection, does not get it back: nobody would know of it until its lease ran out, and what
// follows would be handled before.
func TestReleaseOvertakesExtend(t *testing.T) {
	t.Parallel()
	r := share(t)
	c := r.subscribe(r.open(), sub("in", &Step{}))[0]
	r.publish(r.open(), steps(0, 1)...)
	ds := c.take(1)
	held, err := r.redis.XPendingExt(r.ctx, &redis.XPendingExtArgs{Stream: r.key("q:in"), Group: "necro", Start: "-", End: "+", Count: 1}).Result()
	r.ok(err, "look who holds it")
	// As release.lua does, before this process has heard of it.
	r.do("XCLAIM", r.key("q:in"), "necro", held[0].Consumer, 0, held[0].ID, "IDLE", "1000000000000", "JUSTID")
	lost, err := c.Extend(r.ctx, ds)
	r.ok(err, "extend")
	same(r, "lost", len(lost), 1)
	start := time.Now()
	other := r.subscribe(r.open(), sub("in", &Step{}))[0]
	r.wants(other.take(1), 0)
	if took := time.Since(start); took > r.soon() {
		t.Errorf("it was handed on after %v, want at once", took)
	}
}
