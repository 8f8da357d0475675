package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Backend keeps events in one file. It is safe for concurrent use, also by several processes of one machine that have
// opened the same file.
type Backend struct {
	config
	path    string
	process int64 // this backend's number in the file

	writer *writer
	known  known            // only the writer's goroutine
	room   sqlstore.Waiters // calls of Publish that wait

	readMu sync.Mutex
	reader *session // guarded by readMu
	watch  *watcher

	types  sqlstore.Types
	leases int64 // given by this process; only the writer's goroutine

	shared    atomic.Bool  // other processes have opened the file, as far as this one knows
	held      atomic.Int64 // deliveries and delayed events in the file, as far as this process knows
	consuming atomic.Int64 // open consumers that have fetched
	mu        sync.Mutex
	consumers map[*consumer]bool // open ones; guarded by mu
	closed    atomic.Bool
	closing   chan struct{} // closed by Close
}

var _ interface {
	contract.PayloadBackend
	contract.OnePublisher
	contract.ScheduleAdmin
	contract.StatefulBackend
	contract.RatingBackend
	contract.UniqueBackend
	contract.FullnessReporter
	contract.Admin
	contract.Inspector
} = (*Backend)(nil)

// Open opens the file at a path, and makes it when it is missing. Beside it SQLite keeps two more, with -wal and -shm at
// the end of their names: they belong to it. The file must be on a disk of this machine.
func Open(path string, options ...Option) (*Backend, error) {
	b := &Backend{config: defaultConfig(), path: path, consumers: map[*consumer]bool{}, closing: make(chan struct{})}
	for _, option := range options {
		if err := option(&b.config); err != nil {
			return nil, err
		}
	}
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if err := b.openSessions(); err != nil {
		return nil, b.explainError(err)
	}
	go b.writer.serveJobs()
	err := b.writer.submitJob(context.Background(), false, func(t *transaction) error { return b.enterFile(t) })
	if err != nil {
		b.writer.close()
		return nil, errors.Join(err, b.closeSessions())
	}
	b.watch.start()
	return b, nil
}

// OpenExisting is Open for an operator's tool: it makes no file, which an operator would otherwise do by a slip.
func OpenExisting(path string, options ...Option) (*Backend, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, contract.Permanent(fmt.Errorf("open sqlite %s: there is no such file", path))
	} else if err == nil && info.Size() == 0 {
		return nil, contract.Permanent(fmt.Errorf("open sqlite %s: it is empty: no program has opened it as a backend", path))
	}
	return Open(path, options...)
}

// checkPath refuses paths that SQLite would take for something else than a file, and names the fault of a directory,
// because SQLite does not.
func checkPath(path string) error {
	if path == "" || path == ":memory:" {
		return contract.Permanent(fmt.Errorf("open sqlite %q: it needs the path of a file: for events in memory use backends/memory", path))
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil {
		return contract.Permanent(fmt.Errorf("open sqlite %s: its directory: %w", path, err))
	} else if !info.IsDir() {
		return contract.Permanent(fmt.Errorf("open sqlite %s: %s is no directory", path, dir))
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return contract.Permanent(fmt.Errorf("open sqlite %s: it is no regular file", path))
	}
	return nil
}

// openPatience is how long, in milliseconds, a session waits for others while it opens the file.
const openPatience = 10_000

// openSessions opens the sessions and prepares the file.
func (b *Backend) openSessions() (err error) {
	var opened []*session
	defer func() {
		if err != nil {
			for _, s := range opened {
				s.close()
			}
		}
	}()
	for range 3 {
		s, err := openSession(b.path, openPatience)
		if err != nil {
			return err
		}
		opened = append(opened, s)
	}
	first := opened[0]
	if err := first.runScript(`BEGIN IMMEDIATE; COMMIT`); err != nil { // a file that may not be written is refused here
		return err
	}
	mode := ""
	if err := first.query(func(r *row) error { mode = r.text(); return nil }, `PRAGMA journal_mode = WAL`); err != nil {
		return err
	}
	if mode != "wal" {
		return contract.Permanent(fmt.Errorf("open sqlite %s: its file system keeps no write-ahead log (journal mode %q): put it on a disk of this machine", b.path, mode))
	}
	if err := first.runScript(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	if err := prepareFile(first, b.path); err != nil {
		return errors.Join(err, first.runScript(`ROLLBACK`))
	}
	if err := first.runScript(`COMMIT; PRAGMA busy_timeout = 0; PRAGMA journal_size_limit = 67108864`); err != nil {
		return err
	}
	b.writer, b.reader, b.watch = newWriter(b, first), opened[1], newWatcher(b, opened[2])
	return nil
}

// processLife is how long a process counts as alive after it has said so. It does so every third of that.
const processLife = 15 * time.Second

// enterFile writes the row by which other processes know this backend, and makes deliveries ready again that no lease has.
func (b *Backend) enterFile(t *transaction) error {
	if _, err := t.exec(`INSERT INTO process (pid, until) VALUES (?, ?)`, os.Getpid(), t.now+int64(processLife)); err != nil {
		return err
	}
	n, err := t.queryNumber(`SELECT last_insert_rowid()`)
	if err != nil {
		return err
	}
	if n > 1<<30 {
		return contract.Permanent(fmt.Errorf("open sqlite %s: process %d: the numbers of processes are used up: begin a new file", b.path, n))
	}
	b.process = n
	return b.repairAll(t)
}

// NeedsPayload says that the backend stores bytes.
func (b *Backend) NeedsPayload() bool { return true }

// Fullness returns how many deliveries the file holds in parts of its limit, as this process knows it: a commit of another
// one is noticed within a tenth of a second. A limit below 128 counts as that many: so few are no burden.
func (b *Backend) Fullness(context.Context) (float64, error) {
	if b.closed.Load() {
		return 0, contract.ErrClosed
	}
	return float64(b.held.Load()) / float64(max(b.limit, 128)), nil
}

// Close gives up what the consumers hold, and closes the file. Every later call returns contract.ErrClosed, but for
// another Close.
func (b *Backend) Close() error {
	if !b.closed.CompareAndSwap(false, true) {
		return nil
	}
	close(b.closing)
	b.watch.stop()
	ctx, cancel := context.WithTimeout(context.Background(), b.patience)
	defer cancel()
	err := b.writer.submitJob(ctx, true, b.leaveFile)
	b.writer.close()
	if err != nil {
		b.log.Warn("sqlite: closed without giving up what was leased: it comes back when the leases run out", slog.String("file", b.path), slog.Any("error", err))
	}
	return b.closeSessions()
}

// leaveFile gives up the leases of this backend, and deletes the rows of its consumers and of its process.
func (b *Backend) leaveFile(t *transaction) error {
	b.mu.Lock()
	consumers := make([]*consumer, 0, len(b.consumers))
	for c := range b.consumers {
		consumers = append(consumers, c)
	}
	b.mu.Unlock()
	for _, c := range consumers {
		if err := c.leaveOrgan(t); err != nil {
			return err
		}
	}
	_, err := t.exec(`DELETE FROM process WHERE number = ?`, b.process)
	return err
}

func (b *Backend) closeSessions() error {
	b.readMu.Lock()
	defer b.readMu.Unlock()
	return errors.Join(b.reader.close(), b.watch.session.close(), b.writer.s.close())
}

// submitJob runs a job of the writer.
func (b *Backend) submitJob(ctx context.Context, durable bool, run func(t *transaction) error) error {
	if b.closed.Load() {
		return contract.ErrClosed
	}
	return b.writer.submitJob(ctx, durable, run)
}

// readSnapshot runs queries that see one state of the file.
func (b *Backend) readSnapshot(run func(s *session) error) error {
	b.readMu.Lock()
	defer b.readMu.Unlock()
	if b.closed.Load() {
		return contract.ErrClosed
	}
	if err := b.reader.runScript(`BEGIN`); err != nil {
		return b.explainError(err)
	}
	err := run(b.reader)
	return b.explainError(errors.Join(err, b.reader.runScript(`ROLLBACK`)))
}

// nextLease returns a number that no lease has had.
func (b *Backend) nextLease() int64 {
	b.leases++
	return b.process<<32 | b.leases
}
