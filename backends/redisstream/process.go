package redisstream

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

// config is what the options of a backend say.
type config struct {
	namespace      string
	partitionCount int
	pack           int // most messages of an entry, for organs whose policy does not say
	log            *slog.Logger
}

// process is this process's part of a namespace: its partitions, and what their goroutines share.
type process struct {
	config
	servers    *conn.Servers
	name       string       // of this process's consumer in every group
	partitions []*partition // not written to after newProcess
	tags       string       // of the partitions, as the namespace names them; empty where each has its number. Set by connectOnce

	done    context.Context // ends when the backend is closed
	end     context.CancelFunc
	workers sync.WaitGroup // the goroutines that end when done does

	connecting lock
	connected  atomic.Bool
	durability string // as Health tells it; written by connectOnce
}

// newProcess returns a process that has not connected yet.
func newProcess(c config, servers *conn.Servers) *process {
	b := &process{config: c, servers: servers, name: processName(), connecting: newLock()}
	b.done, b.end = context.WithCancel(context.Background())
	for p := range c.partitionCount {
		b.partitions = append(b.partitions, newPartition(b, p))
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

// mayWait reports whether a process starts without a partition that failed like this: one of several
// whose server is down.
func (b *process) mayWait(err error) bool {
	return len(b.partitions) > 1 && conn.MayServeLater(err)
}

// close closes the consumers, and then the connections. It returns when all goroutines have ended.
func (b *process) close() {
	var ending sync.WaitGroup // together: a server that does not answer takes seconds for each
	for _, p := range b.partitions {
		ending.Go(p.closeConsumers)
	}
	ending.Wait()
	b.end()
	b.servers.Close()
	b.workers.Wait()
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
