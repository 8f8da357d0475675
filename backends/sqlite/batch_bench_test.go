package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/sqlite"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// row is an event that becomes a row of the user's own table.
type row struct{ number uint64 }

var rowType = &contract.EventType{
	Name: "ROW", Version: 1, New: func() contract.Event { return new(row) },
	Is: func(e contract.Event) bool { _, ok := e.(*row); return ok },
}

func (*row) NecroEvent() *contract.EventType { return rowType }
func (*row) Validate() error                 { return nil }
func (r *row) AppendMsgpack(b []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint64(b, r.number), nil
}
func (r *row) ReadMsgpack(b []byte) ([]byte, error) {
	if len(b) < 8 {
		return b, errors.New("a number has 8 bytes")
	}
	r.number = binary.BigEndian.Uint64(b)
	return b[8:], nil
}

// inserter inserts each batch in one transaction of the user's database.
type inserter struct {
	db    *sql.DB
	count int
}

func (o *inserter) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "inserter", Path: "example.com/rows", Policy: contract.Policy{BatchCount: o.count, BatchWait: 50 * time.Millisecond}, Routes: []contract.Route{{
		Event: rowType, Method: "Insert", HandleBatch: func(ctx context.Context, es []contract.Event, _ *contract.BatchResults) error {
			tx, err := o.db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			insert, err := tx.PrepareContext(ctx, `INSERT INTO measured (number) VALUES (?)`)
			if err != nil {
				return err
			}
			for _, r := range contract.EventsOf[*row](es) {
				if _, err := insert.Exec(r.number); err != nil {
					return err
				}
			}
			return tx.Commit()
		},
	}}}
}

// BenchmarkInsertBatches and BenchmarkInsertOneByOne handle events by a row each in the user's own file of SQLite, whose commits are
// synced. 100,000 events in batches of 100 are -benchtime=100000x.
func BenchmarkInsertBatches(b *testing.B) { benchInsert(b, 100) }

func BenchmarkInsertOneByOne(b *testing.B) { benchInsert(b, 1) }

func benchInsert(b *testing.B, count int) {
	dir := b.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "rows.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE measured (id INTEGER PRIMARY KEY, number INTEGER NOT NULL)`); err != nil {
		b.Fatal(err)
	}
	backend, err := sqlite.Open(filepath.Join(dir, "shop.db"), sqlite.WithLogger(nil), sqlite.WithLimit(1<<30))
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	s, err := necro.New(backend, necro.WithOrgans(&inserter{db, count}), necro.WithLogger(nil))
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; n < b.N; n += 1000 {
		events := make([]necro.Event, min(1000, b.N-n))
		for i := range events {
			events[i] = &row{uint64(n + i)}
		}
		if err := s.PublishBatch(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	if _, err := s.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	rows := 0
	if err := db.QueryRow(`SELECT count(*) FROM measured`).Scan(&rows); err != nil || rows != b.N {
		b.Fatalf("%d rows of %d: %v", rows, b.N, err)
	}
}
