package redisstream

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Backend keeps events in Redis. It is safe for concurrent use. New, Open or FromEnv make one.
type Backend struct {
	config
	servers    *conn.Servers
	owned      io.Closer // the client, when Close closes it
	process    string    // the name of this process's consumer in every group
	partitions []*partition
	tags       string // of the partitions, as the namespace names them; empty where each has its number. Set by connect

	done    context.Context // ends when the backend is closed
	end     context.CancelFunc
	workers sync.WaitGroup

	publishing publishing

	connecting lock
	connected  atomic.Bool
	durability string
}

var (
	_ contract.PayloadBackend = (*Backend)(nil)
	_ contract.OnePublisher   = (*Backend)(nil)

	_ contract.ScheduleAdmin = (*Backend)(nil)
	_ contract.Admin         = (*Backend)(nil)
	_ contract.Inspector     = (*Backend)(nil)

	_ contract.FullnessReporter = (*Backend)(nil)
)

// New returns a backend over a client, which must be a *redis.Client (of one server, or of
// Sentinel) or a *redis.ClusterClient. The backend makes connections of its own with the
// client's options, and leaves the client open. It does not touch Redis before it is used.
func New(client redis.UniversalClient, options ...Option) (*Backend, error) {
	if err := conn.CheckClient(client); err != nil {
		return nil, err
	}
	b := &Backend{config: defaultConfig(), process: processName(), connecting: newLock()}
	var errs []error
	for _, option := range options {
		errs = append(errs, option(&b.config))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("redisstream: %w", err)
	}
	b.done, b.end = context.WithCancel(context.Background())
	b.servers = conn.NewServers(client, b.log)
	for p := range b.config.partitions {
		b.partitions = append(b.partitions, newPartition(b, p))
	}
	return b, nil
}

// Open returns a backend on the server that a URL names, as in
// redis://user:password@localhost:6379/0, rediss:// for TLS, or unix:///path/to/socket.
func Open(url string, options ...Option) (*Backend, error) {
	parsed, err := conn.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redisstream: %w", err)
	}
	return openOwned(parsed, options)
}

// openOwned returns a backend that closes its client.
func openOwned(server *redis.Options, options []Option) (*Backend, error) {
	client := redis.NewClient(server)
	b, err := New(client, options...)
	if err != nil {
		client.Close()
		return nil, err
	}
	b.owned = client
	return b, nil
}

// processName is unique, and tells an operator where to look.
func processName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	var b [6]byte
	rand.Read(b[:])
	return strings.ReplaceAll(host, " ", "_") + ":" + strconv.Itoa(os.Getpid()) + ":" + hex.EncodeToString(b[:])
}

// NeedsPayload tells the spine to encode events before it hands them over.
func (b *Backend) NeedsPayload() bool { return true }

// Close ends this process's part: the deliveries that it holds go back, stored events stay.
func (b *Backend) Close() error {
	if b.done.Err() != nil {
		return nil
	}
	var ending sync.WaitGroup // together: a server that does not answer takes seconds for each
	for _, p := range b.partitions {
		ending.Go(p.closeConsumers)
	}
	ending.Wait()
	b.end()
	b.servers.Close()
	b.workers.Wait()
	if b.owned != nil {
		return b.owned.Close()
	}
	return nil
}

// lock is a mutex that a caller stops waiting for when its context ends.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) lock(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lock) unlock() { <-l }
