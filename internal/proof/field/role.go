package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// address is how a process reaches the servers.
type address struct {
	URL        string   // of one server, or of a proxy in front of it
	Master     string   // with sentinels, the name of the primary
	Nodes      []string // of sentinels, or of a cluster
	Partitions int
}

// openBackend returns a backend. It logs nothing of its own where quiet.
func (a address) openBackend(log *slog.Logger) (*redisstream.Backend, func(), error) {
	options := []redisstream.Option{redisstream.WithNamespace("field"), redisstream.WithPartitions(max(a.Partitions, 1)), redisstream.WithLogger(log)}
	var client redis.UniversalClient
	switch {
	case a.Master != "":
		client = redis.NewFailoverClient(&redis.FailoverOptions{MasterName: a.Master, SentinelAddrs: a.Nodes})
	case len(a.Nodes) > 0:
		client = redis.NewClusterClient(&redis.ClusterOptions{Addrs: a.Nodes})
	default:
		b, err := redisstream.Open(a.URL, options...)
		return b, func() {}, err
	}
	b, err := redisstream.New(client, options...)
	return b, func() { client.Close() }, err
}

// role is what a child process is to do: run the organs of a release.
type role struct {
	Address address
	Release release
	Diary   string
	Lease   time.Duration
}

// playRole is the whole program of a child; it returns the exit code. It stops when it is told to, and says on its standard
// output that from then on it can be told. It ends when its parent has ended, because then its standard input is closed.
func playRole(text string) int {
	var r role
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		fmt.Fprintln(os.Stderr, "field: role:", err)
		return 2
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Println("listening")
	if err := r.serveOrgans(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "field: worker:", err)
		return 1
	}
	return 0
}

// serveOrgans runs the organs until it is told to stop.
func (r *role) serveOrgans(ctx context.Context) (err error) {
	b, closeClient, err := r.Address.openBackend(slog.Default())
	if err != nil {
		return err
	}
	defer closeClient()
	defer func() { err = errors.Join(err, b.Close()) }()
	d, err := openDiary(r.Diary)
	if err != nil {
		return err
	}
	s, err := necro.New(b, r.Release.withOrgans(d), necro.WithLease(r.Lease), necro.WithGrace(2*r.Lease))
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
