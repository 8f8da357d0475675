package redisstream

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// partition is a share of the namespace whose keys one server holds, so that one script can
// touch all of them.
type partition struct {
	*conn.Node // the server that holds it
	b          *process
	number     int
	prefix     string

	opened  atomic.Bool // its layout is claimed, and the organs that this process consumes are bound
	opening lock        // held while that is done

	reads, settles, renewals lateCalls // of consumers that have other partitions, too

	tables   tables
	readers  readers
	schedule schedule
	clock    serverClock
	speaking lock // held while this process says which consumers it has

	mu     sync.Mutex
	queues map[string]*queue // of organs that this process consumes
	sorted []*queue          // the same by name, nil after a change; the slice is never written to again
}

func newPartition(b *process, number int) *partition {
	prefix := tagPrefix(b.namespace, number)
	p := &partition{Node: b.servers.AddNode(prefix + "meta"), b: b, number: number, prefix: prefix, queues: map[string]*queue{}, speaking: newLock(), opening: newLock()}
	p.readers.init(p)
	p.schedule.init(p)
	return p
}

func (p *partition) key(name string) string { return p.prefix + name }

// keys names the keys of the partition.
func (p *partition) keys() store.Keys { return store.Keys(p.prefix) }

// rebindOrgans binds the organs of this process again, after the server has lost them. Many
// processes find out at the same moment.
func (p *partition) rebindOrgans(ctx context.Context) error {
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

// addDueTime notes that something of the schedule is due at t.
func (p *partition) addDueTime(t time.Time) { p.schedule.addDueTime(t) }
