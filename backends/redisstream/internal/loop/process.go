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

// Config has the settings of a process. The options of a backend make it.
type Config struct {
	Namespace      string // all keys begin with it
	PartitionCount int    // 1 or more
	Pack           int    // most messages of an entry, for organs whose policy does not say
	Log            *slog.Logger
}

// Process is this process's part of a namespace: its partitions, and the state that their goroutines share. It is safe
// for concurrent use. Its states are one after the other:
//
//	made --ConnectOnce--> connected --Close--> closed
//
// A call before the first success of ConnectOnce connects first, because the tags in the server decide which keys the
// partitions have. In a closed process every call fails with [contract.ErrClosed], and no goroutine is left.
type Process struct {
	// NewProcess writes these; nothing changes them.

	Config
	Name       string        // the name of this process's consumer in every group, unlike that of any other process
	Partitions []*Partition  // by number; the partitions themselves guard their state
	servers    *conn.Servers // of all partitions; safe for concurrent use

	// The end of the process. Every goroutine of a partition is one of the Workers, and ends when Done does. A call to
	// a server is made with Done as its context when its result is of use to more than one caller.

	Done    context.Context
	end     context.CancelFunc // ends Done; Close calls it when all consumers have left
	Workers sync.WaitGroup

	// The goroutine that has connecting writes these, until connected is true. Nothing changes them afterwards, so
	// that they are read without a lock behind a look at connected.

	connecting lock
	connected  atomic.Bool
	tags       string // of the partitions, as the namespace names them; empty where each has its number
	Durability string // of the server that was reached first, as Health tells it
}

// NewProcess returns a process that has not connected yet. The caller closes it, and closes the client of the servers
// after that.
func NewProcess(c Config, servers *conn.Servers) *Process {
	b := &Process{Config: c, servers: servers, Name: processName(), connecting: newLock()}
	b.Done, b.end = context.WithCancel(context.Background())
	for p := range c.PartitionCount {
		b.Partitions = append(b.Partitions, newPartition(b, p))
	}
	return b
}

// processName returns a unique name, which tells an operator where to look. It has no spaces, because the fields of
// live members are separated by them.
func processName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	var b [6]byte
	rand.Read(b[:])
	return strings.ReplaceAll(host, " ", "_") + ":" + strconv.Itoa(os.Getpid()) + ":" + hex.EncodeToString(b[:])
}

// MayWait reports whether the process goes on without a partition that failed with an error: one of several partitions
// whose server is down. The only partition is never waited for, because the caller has to learn of the error then.
func (b *Process) MayWait(err error) bool {
	return len(b.Partitions) > 1 && conn.MayServeLater(err)
}

// Close closes the consumers, and then the connections. It returns when all goroutines have ended. The consumers come
// first, because they tell the servers that they leave, and which entries are free.
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

// lock is a mutex that a caller stops waiting for when its context ends. It guards work that makes calls to servers,
// which a mutex must not. Its holder puts a value into it.
type lock chan struct{}

// newLock returns a lock that is free.
func newLock() lock { return make(lock, 1) }

// lock takes the lock. It returns the error of the context when that ends first, and the caller does not have the lock then.
func (l lock) lock(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unlock frees the lock, which the caller must have.
func (l lock) unlock() { <-l }
