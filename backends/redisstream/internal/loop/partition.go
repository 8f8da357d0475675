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

// Partition is a share of the namespace whose keys one server holds, so that one script can
// touch all of them.
type Partition struct {
	*conn.Node // the server that holds it
	process    *Process
	Number     int
	prefix     string

	opened  atomic.Bool // its layout is claimed, and the organs that this process consumes are bound
	opening lock        // held while that is done

	reads, settles, renewals LateCalls // of consumers that have other partitions, too

	tables   tables
	readers  readers
	schedule schedule
	clock    serverClock
	speaking lock // held while this process says which consumers it has

	mu     sync.Mutex
	queues map[string]*queue // of organs that this process consumes
	sorted []*queue          // the same by name, nil after a change; the slice is never written to again
}

func newPartition(b *Process, number int) *Partition {
	prefix := tagPrefix(b.Namespace, number)
	p := &Partition{Node: b.servers.AddNode(prefix + "meta"), process: b, Number: number, prefix: prefix, queues: map[string]*queue{}, speaking: newLock(), opening: newLock()}
	p.readers.init(p)
	p.schedule.init(p)
	return p
}

func (p *Partition) Key(name string) string { return p.prefix + name }

// Keys names the keys of the partition.
func (p *Partition) Keys() store.Keys { return store.Keys(p.prefix) }

// rebindOrgans binds the organs of this process again, after the server has lost them. Many
// processes find out at the same moment.
func (p *Partition) rebindOrgans(ctx context.Context) error {
	select {
	case <-time.After(rand.N(50 * time.Millisecond)):
	case <-ctx.Done():
		return ctx.Err()
	}
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

// AddDueTime notes that something of the schedule is due at t.
func (p *Partition) AddDueTime(t time.Time) { p.schedule.addDueTime(t) }
