package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

const benchBatch = 256

// BenchmarkFetchAndEmit fetches batches and settles each event with one emission. The ratio of its time to that of BenchmarkBareLoop is
// what the engine costs beside SQLite.
func BenchmarkFetchAndEmit(b *testing.B) {
	backend, err := sqlite.Open(filepath.Join(b.TempDir(), "shop.db"), sqlite.WithLogger(nil), sqlite.WithLimit(1<<30))
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	typ := &contract.EventType{Name: "LOOP", Version: 1}
	cs, err := backend.Subscribe(b.Context(), []contract.Subscription{{Organ: "loop", Path: "example.com/loop", Events: []*contract.EventType{typ}, Lease: time.Minute}})
	if err != nil {
		b.Fatal(err)
	}
	message := func() contract.Message {
		return contract.Message{ID: contract.NewID(), Type: typ, Payload: make([]byte, 100), Nanos: time.Now().UnixNano()}
	}
	var msgs []contract.Message
	for range 20 * benchBatch {
		msgs = append(msgs, message())
	}
	if _, err := backend.Publish(b.Context(), msgs, contract.PublishOptions{}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	outcomes := make([]contract.Outcome, 0, benchBatch)
	for n := 0; n < b.N; n += len(outcomes) {
		ds, err := cs[0].Fetch(context.Background(), benchBatch)
		if err != nil {
			b.Fatal(err)
		}
		outcomes = outcomes[:0]
		for i := range ds {
			outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i], Emit: []contract.Message{message()}})
		}
		if _, err := cs[0].Settle(context.Background(), outcomes); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareLoop is what a program would write by hand: it deletes a batch and inserts as many rows, in one transaction.
func BenchmarkBareLoop(b *testing.B) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE queue (id INTEGER PRIMARY KEY, event TEXT NOT NULL, key TEXT NOT NULL, envelope BLOB NOT NULL, payload BLOB)`); err != nil {
		b.Fatal(err)
	}
	take, err := db.Prepare(`DELETE FROM queue WHERE id IN (SELECT id FROM queue ORDER BY id LIMIT ?) RETURNING id, event, key, envelope, payload`)
	if err != nil {
		b.Fatal(err)
	}
	put, err := db.Prepare(`INSERT INTO queue (event, key, envelope, payload) VALUES ('LOOP', '', ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	insert := func(tx *sql.Tx) {
		if _, err := tx.Stmt(put).Exec(make([]byte, 40), make([]byte, 100)); err != nil {
			b.Fatal(err)
		}
	}
	step := func(taken int) (n int) {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		rows, err := tx.Stmt(take).Query(taken)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			var id int64
			var event, key string
			var envelope, payload []byte
			if err := rows.Scan(&id, &event, &key, &envelope, &payload); err != nil {
				b.Fatal(err)
			}
			n++
		}
		rows.Close()
		for range max(n, benchBatch) {
			insert(tx)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
		return n
	}
	for range 20 {
		step(0)
	}
	b.ResetTimer()
	for n := 0; n < b.N; {
		n += step(benchBatch)
	}
}
