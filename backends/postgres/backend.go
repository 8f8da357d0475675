package postgres

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Backend keeps events in a schema of a database. It is safe for concurrent use, also by any number of processes that have
// opened the same namespace.
type Backend struct {
	config
	pool    *pgxpool.Pool
	pooled  bool            // each transaction may run in another session of the server; set by Open
	listens *pgx.ConnConfig // how to reach the server for LISTEN; nil when no connection can; set by Open
	locks   int32           // class of the advisory locks of the namespace
	process int64           // this backend's number in the database
	texts   sync.Map        // of statements, by their templates
	known   atomic.Pointer[known]
	room    sqlstore.Waiters // calls of Publish that wait
	waker   *waker

	types     sqlstore.Types
	held      atomic.Int64 // deliveries and delayed events, as far as this process knows
	consuming atomic.Int64 // open consumers that have fetched
	mu        sync.Mutex
	consumers map[*consumer]bool // open ones; guarded by mu
	organs    map[int32]*organ   // that this process has consumed; guarded by mu
	closed    atomic.Bool
	closing   chan struct{} // closed by Close
	ended     sync.WaitGroup
}

var _ interface {
	contract.PayloadBackend
	contract.OnePublisher
	contract.ScheduleAdmin
	contract.StatefulBackend
	contract.TickingBackend
	contract.RatingBackend
	contract.UniqueBackend
	contract.LaneBackend
	contract.Inspector
	contract.FullnessReporter
	contract.Admin
} = (*Backend)(nil)

// Open connects to the database at an address, and makes the tables of its namespace when they are missing. An address is a
// postgres:// URL or a list of settings, as libpq takes them; parts that it leaves out are taken from the variables PGHOST,
// PGUSER, PGPASSWORD and the like, and from the password file. A pooler that hands out transactions may be in between: see
// [WithListenAddress].
func Open(ctx context.Context, address string, options ...Option) (*Backend, error) {
	b := &Backend{config: defaultConfig(), consumers: map[*consumer]bool{}, organs: map[int32]*organ{}, closing: make(chan struct{})}
	for _, option := range options {
		if err := option(&b.config); err != nil {
			return nil, err
		}
	}
	b.locks = lockClass(b.namespace)
	if err := b.connectPool(ctx, address); err != nil {
		return nil, err
	}
	err := b.runTransaction(ctx, b.migrateSchema)
	if err == nil {
		err = b.enterNamespace(ctx)
	}
	if err == nil {
		err = b.refreshBindings(ctx)
	}
	if err != nil {
		b.pool.Close()
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	b.startLoops()
	return b, nil
}

// OpenExisting is [Open] for an operator's tool: it makes no schema, which an operator would otherwise do by a slip.
func OpenExisting(ctx context.Context, address string, options ...Option) (*Backend, error) {
	return Open(ctx, address, append(slices.Clip(options), func(c *config) error { c.existing = true; return nil })...)
}

// lockClass returns the first half of the namespace's advisory locks. The second half is the number of an organ, 0 for the
// bindings, and -1 for sweeping.
func lockClass(namespace string) int32 {
	h := fnv.New32a()
	h.Write([]byte("necrostack/" + namespace))
	return int32(h.Sum32())
}

const (
	lockBindings = 0
	lockSweep    = -1
)

// processLife is how long a process counts as alive after it has said so. It does so every third of that.
const processLife = 15 * time.Second

// enterNamespace makes this backend known to the others.
func (b *Backend) enterNamespace(ctx context.Context) error {
	return b.transactSteps(ctx, false, step{
		text:   `INSERT INTO {process} (pid, until) VALUES ($1, {nanos}() + $2) RETURNING number`,
		values: []any{os.Getpid(), int64(processLife)},
		each:   func(r *row) { b.process = r.integer() },
	})
}

// startLoops starts the goroutines of the backend, which end with it.
func (b *Backend) startLoops() {
	ctx, cancel := context.WithCancel(context.Background())
	b.waker = newWaker(b)
	b.ended.Go(func() { <-b.closing; cancel() })
	b.ended.Go(func() { b.waker.tellNews(ctx) })
	if b.listens != nil {
		b.ended.Go(func() { b.keepListening(ctx) })
	}
	b.ended.Go(func() { newWatcher(b).watchServer(ctx) })
}

// NeedsPayload says that the backend stores bytes.
func (b *Backend) NeedsPayload() bool { return true }

// Fullness returns how many deliveries the namespace holds in parts of its limit, as this process counted last. A limit below
// 128 counts as that many: so few are no burden.
func (b *Backend) Fullness(context.Context) (float64, error) {
	if b.closed.Load() {
		return 0, contract.ErrClosed
	}
	return float64(b.held.Load()) / float64(max(b.limit, 128)), nil
}

// Close gives up what the consumers hold, and closes the connections. Every later call returns contract.ErrClosed, but for
// another Close.
func (b *Backend) Close() error {
	if !b.closed.CompareAndSwap(false, true) {
		return nil
	}
	close(b.closing)
	b.ended.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), b.patience)
	defer cancel()
	if err := b.leaveNamespace(ctx); err != nil {
		b.log.Warn("postgres: closed without giving up what was leased: it comes back when the leases run out", "namespace", b.namespace, "error", err)
	}
	b.pool.Close()
	return nil
}

// leaveNamespace gives up the leases of this backend, and deletes the rows of its consumers and of its process.
func (b *Backend) leaveNamespace(ctx context.Context) error {
	b.mu.Lock()
	consumers := make([]*consumer, 0, len(b.consumers))
	for c := range b.consumers {
		consumers = append(consumers, c)
	}
	b.mu.Unlock()
	for _, c := range consumers {
		if err := c.leaveOrgan(ctx); err != nil {
			return err
		}
	}
	return b.transactSteps(ctx, false, step{text: `DELETE FROM {process} WHERE number = $1`, values: []any{b.process}},
		step{text: `DELETE FROM {asleep} WHERE process = $1`, values: []any{b.process}})
}

// organ is an organ whose calls of Fetch wait in this process.
type organ struct {
	number  int32
	waiting sqlstore.Waiters
}

// organOf returns the organ with a number, the same one each time.
func (b *Backend) organOf(number int32) *organ {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.organs[number]
	if o == nil {
		o = &organ{number: number}
		b.organs[number] = o
	}
	return o
}

// wakeOrgans wakes the calls of Fetch of some organs.
func (b *Backend) wakeOrgans(numbers []int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range numbers {
		if o := b.organs[n]; o != nil {
			o.waiting.WakeAll()
		}
	}
}
