package loop

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// Partition is a share of the namespace whose keys one server holds, so that one script can touch all of them. It is
// safe for concurrent use. Its states:
//
//	closed --OpenOnce--> opened --a Subscribe that could not bind here, or a failed bind--> closed
//
// An opened partition has its layout claimed, and the organs that this process consumes are bound in it. While its
// server is down the partition stays closed, every use tries to open it, and the other partitions work on. The lock
// opening is held by the goroutine that opens, so that many callers at a time cost the server one attempt.
//
// Invariant: queues has a queue exactly while a consumer of this process shares it, and at most one for an organ. So
// the order of deliveries within this process is that of one buffer.
type Partition struct {
	// Written by newPartition. The goroutine that connects the process may change the prefix, before any other
	// goroutine uses it.

	*conn.Node // the server that holds the partition; safe for concurrent use
	process    *Process
	Number     int
	prefix     string // of all its keys, with the hash tag

	opened  atomic.Bool
	opening lock

	// Calls of consumers that have other partitions, too, by kind: a late call keeps others of its kind from beginning.

	reads, settles, renewals LateCalls

	// Each of these guards itself. The lock speaking is held while this process tells the server which consumers it
	// has, so that a consumer that leaves is not told to be alive by an older list.

	tables   tables
	readers  readers
	schedule schedule
	clock    serverClock
	speaking lock

	mu     sync.Mutex        // guards what follows; no call is made to a server under it
	queues map[string]*queue // of organs that this process consumes, by identity
	sorted []*queue          // the same by name, nil after a change; the slice is never written to again
}

// newPartition returns a closed partition. Its prefix is that of its number until the namespace names other tags.
func newPartition(b *Process, number int) *Partition {
	prefix := tagPrefix(b.Namespace, number)
	p := &Partition{Node: b.servers.AddNode(prefix + "meta"), process: b, Number: number, prefix: prefix, queues: map[string]*queue{}, speaking: newLock(), opening: newLock()}
	p.readers.init(p)
	p.schedule.init(p)
	return p
}

// Key returns the name of a key of the partition.
func (p *Partition) Key(name string) string { return p.prefix + name }

// Keys returns the keys of the partition, as the requests of package store want them.
func (p *Partition) Keys() store.Keys { return store.Keys(p.prefix) }

// rebindOrgans binds the organs of this process again, after the server has lost them, for instance by a FLUSHALL. Many
// processes find that out at the same moment, so each waits for a random time: the first one binds, and the others find
// nothing to change.
func (p *Partition) rebindOrgans(ctx context.Context) error {
	select {
	case <-time.After(rand.N(50 * time.Millisecond)):
	case <-ctx.Done():
		return ctx.Err()
	}
	// The list is copied, because binding makes calls, and consumers may come and go meanwhile.
	p.mu.Lock()
	var queues []*queue
	for _, q := range p.queues {
		queues = append(queues, q)
	}
	p.mu.Unlock()
	if len(queues) == 0 {
		return nil
	}
	return p.bindOrgans(ctx, queues)
}

// AddDueTime notes that an event of the schedule is due at t, so that this process promotes it then.
func (p *Partition) AddDueTime(t time.Time) { p.schedule.addDueTime(t) }
