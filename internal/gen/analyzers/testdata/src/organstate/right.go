package organstate

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

//necro:organ exclusive
type Exclusive struct{ count int }

//necro:handle
func (e *Exclusive) Count(_ context.Context, o *Order) { e.count++ }

//necro:organ concurrency=8 exclusive
type Locked struct {
	mu    sync.Mutex
	count int
	sums  map[string]int
	once  sync.Once
	room  chan struct{}
}

//necro:handle
func (l *Locked) Count(_ context.Context, o *Order) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	l.add(o)
}

//necro:handle
func (l *Locked) Add(_ context.Context, o Order) {
	l.locked(func() { l.sums[o.ID]++ })
}

//necro:handle
func (l *Locked) Once(_ context.Context, o *Line) {
	l.once.Do(func() { l.count = 1 })
}

//necro:handle
func (l *Locked) Token(_ context.Context, o **Line) {
	l.room <- struct{}{}
	l.count++
	<-l.room
}

func (l *Locked) add(o *Order) { l.sums[o.ID] += o.Amount }

func (l *Locked) locked(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// Stateless has what is no state: counters for metrics, caches, what is made once, what others
// keep.
//
//necro:organ
type Stateless struct {
	handled atomic.Int64
	old     int64
	client  *client
	started bool
	cache   map[string]*client
	entries map[string]entry
	table   map[string]string
	names   map[string]string
	at      time.Time
	scratch string
	store   *store
	metrics sync.Map
}

type entry struct {
	key     string
	fetched time.Time
}

type store struct{ n int }

//necro:handle
func (s *Stateless) Handle(_ context.Context, o *Order) {
	s.handled.Add(1)
	atomic.AddInt64(&s.old, 1)
	if s.client == nil {
		s.client = connect(o.ID)
	}
	s.started = true
	c, ok := s.cache[o.ID]
	if !ok {
		c = connect(o.ID)
		s.cache[o.ID] = c
	}
	delete(s.cache, o.ID)
	s.entries[o.ID] = entry{o.ID, time.Now()}
	s.names["a"] = s.table[o.ID]
	s.at = time.Now()
	s.scratch = o.ID
	s.store.n++
	s.metrics.Store(o.ID, 1)
	local := *s
	_ = local
}

func (s *Stateless) Outside(o *Order) { s.old++ }

//necro:organ
type Value struct{ n int }

//necro:handle
func (v Value) Handle(_ context.Context, o *Order) { v.n++ }

type NoOrgan struct{ n int }

//necro:handle
func (n *NoOrgan) Handle(_ context.Context, o *Order) { n.n++ }
