package loop

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
)

// Config is what the options of a backend say.
type Config struct {
	Namespace      string
	PartitionCount int
	Pack           int // most messages of an entry, for organs whose policy does not say
	Log            *slog.Logger
}

// Process is this process's part of a namespace: its partitions, and what their goroutines share.
type Process struct {
	Config
	servers    *conn.Servers
	Name       string       // of this process's consumer in every group
	Partitions []*Partition // not written to after NewProcess
	tags       string       // of the partitions, as the namespace names them; empty where each has its number. Set by ConnectOnce

	Done    context.Context // ends when the backend is closed
	end     context.CancelFunc
	Workers sync.WaitGroup // the goroutines that end when done does

	connecting lock
	connected  atomic.Bool
	Durability string // as Health tells it; written by ConnectOnce
}

// NewProcess returns a process that has not connected yet.
func NewProcess(c Config, servers *conn.Servers) *Process {
	b := &Process{Config: c, servers: servers, Name: processName(), connecting: newLock()}
	b.Done, b.end = context.WithCancel(context.Background())
	for p := range c.PartitionCount {
		b.Partitions = append(b.Partitions, newPartition(b, p))
	}
	return b
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

// MayWait reports whether a process starts without a partition that failed like this: one of several
// whose server is down.
func (b *Process) MayWait(err error) bool {
	return len(b.Partitions) > 1 && conn.MayServeLater(err)
}

// Close closes the consumers, and then the connections. It returns when all goroutines have ended.
func (b *Process) Close() {
	var ending sync.WaitGroup // together: a server that does not answer takes seconds for each
	for _, p := range b.Partitions {
		ending.Go(p.closeConsumers)
	}
	ending.Wait()
	b.end()
	b.servers.Close()
	b.Workers.Wait()
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
