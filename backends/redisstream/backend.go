package redisstream

import (
	"errors"
	"fmt"
	"io"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/redis/go-redis/v9"
)

// Backend keeps events in Redis. It is safe for concurrent use. New, Open or FromEnv make one.
type Backend struct {
	process    *loop.Process
	partitions []*partition
	owned      io.Closer // the client, when Close closes it
	publishing publishing
}

// partition is a partition as a backend uses it.
type partition struct {
	*loop.Partition
	b         *Backend
	publisher publisher
	looks     loop.LateCalls // looks at the server's memory
}

var (
	_ contract.PayloadBackend = (*Backend)(nil)
	_ contract.OnePublisher   = (*Backend)(nil)

	_ contract.ScheduleAdmin = (*Backend)(nil)
	_ contract.Admin         = (*Backend)(nil)
	_ contract.Inspector     = (*Backend)(nil)

	_ contract.FullnessReporter = (*Backend)(nil)
	_ contract.LaneBackend      = (*Backend)(nil)
)

// New returns a backend over a client, which must be a *redis.Client (of one server, or of
// Sentinel) or a *redis.ClusterClient. The backend makes connections of its own with the
// client's options, and leaves the client open. It does not touch Redis before it is used.
func New(client redis.UniversalClient, options ...Option) (*Backend, error) {
	if err := conn.CheckClient(client); err != nil {
		return nil, err
	}
	c := defaultConfig()
	var errs []error
	for _, option := range options {
		errs = append(errs, option(&c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("redisstream: %w", err)
	}
	b := &Backend{process: loop.NewProcess(c, conn.NewServers(client, c.Log))}
	for _, part := range b.process.Partitions {
		p := &partition{Partition: part, b: b}
		p.publisher.init(p)
		b.partitions = append(b.partitions, p)
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

// KeepsUnique is true: of a unique event's name and key one at a time is stored.
func (b *Backend) KeepsUnique() bool { return true }

// NeedsPayload tells the spine to encode events before it hands them over.
func (b *Backend) NeedsPayload() bool { return true }

// KeepsLanes says that organs may have lanes.
func (b *Backend) KeepsLanes() bool { return true }

// Close ends this process's part: the deliveries that it holds go back, stored events stay.
func (b *Backend) Close() error {
	if b.process.Done.Err() != nil {
		return nil
	}
	b.process.Close()
	if b.owned != nil {
		return b.owned.Close()
	}
	return nil
}
