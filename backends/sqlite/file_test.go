package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// openFile opens a backend that is closed at the end of the test.
func openFile(t *testing.T, path string, options ...sqlite.Option) *sqlite.Backend {
	t.Helper()
	b, err := sqlite.Open(path, append(options, sqlite.WithLogger(nil))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// openRaw opens a file as another program does, which waits while a backend holds the lock.
func openRaw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(180000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// execute runs statements as another program does.
func execute(t *testing.T, db *sql.DB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// first returns an event of the type FIRST.
func first(text string) contract.Message {
	return contract.Message{ID: contract.NewID(), Type: typeFirst, Payload: []byte(text), Nanos: time.Now().UnixNano()}
}

// subscribe opens a consumer of the organ first, whose leases outlast the test.
func subscribe(t *testing.T, b *sqlite.Backend) contract.Consumer {
	t.Helper()
	organ := organOf("first", typeFirst)
	organ.Lease = time.Hour
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{organ})
	if err != nil {
		t.Fatal(err)
	}
	return cs[0]
}

// publish publishes events of the type FIRST.
func publish(t *testing.T, b *sqlite.Backend, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := b.Publish(t.Context(), []contract.Message{first(text)}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// fetch fetches n deliveries of the organ first.
func fetch(t *testing.T, c contract.Consumer, n int) (all []contract.Delivery) {
	t.Helper()
	for len(all) < n {
		ds, err := c.Fetch(t.Context(), n-len(all))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ds...)
	}
	return all
}

// TestOpenRefuses wants each path that cannot be opened to be refused for good, with a reason that says what to do.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	openFile(t, at("newer")).Close()
	newer := openRaw(t, at("newer"))
	execute(t, newer, `PRAGMA user_version = 99`)
	newer.Close()
	execute(t, openRaw(t, at("foreign")), `CREATE TABLE shop (id INTEGER)`)
	if err := os.WriteFile(at("text"), []byte(strings.Repeat("no database, but a text\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(at("directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		at("newer"):             "update the program",
		at("foreign"):           "another program",
		at("text"):              "no database",
		at("directory"):         "no regular file",
		at("missing/shop.db"):   "its directory",
		at("text") + "/shop.db": "no directory",
		"":                      "path of a file",
		":memory:":              "backends/memory",
	} {
		b, err := sqlite.Open(path, sqlite.WithLogger(nil))
		if err == nil {
			b.Close()
			t.Errorf("%q was opened", path)
		} else if !contract.IsPermanent(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("open %q: %v, want a permanent error with %q", path, err, want)
		}
	}
}

// TestPathsAreTakenAsTheyAre: no character of a name means anything to SQLite.
func TestPathsAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "50%20.db", "what?mode=memory", "hash#1.db", "übung.db"} {
		openFile(t, filepath.Join(dir, name)).Close()
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestLockedFileIsUnavailable has another program hold the lock of the file for longer than a call waits. Afterwards everything is there.
func TestLockedFileIsUnavailable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path, sqlite.WithPatience(50*time.Millisecond))
	c := subscribe(t, b)
	publish(t, b, "one")
	ds := fetch(t, c, 1)
	db := openRaw(t, path)
	db.SetMaxOpenConns(1)
	execute(t, db, `BEGIN IMMEDIATE`)
	if _, err := b.Publish(t.Context(), []contract.Message{first("two")}, contract.PublishOptions{}); !errors.Is(err, contract.ErrBackendUnavailable) || contract.IsPermanent(err) {
		t.Errorf("publish to a locked file: %v, want %v", err, contract.ErrBackendUnavailable)
	}
	if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0]}}); !errors.Is(err, contract.ErrBackendUnavailable) {
		t.Errorf("settle in a locked file: %v, want %v", err, contract.ErrBackendUnavailable)
	}
	if err := b.Health(t.Context()).Err; err != nil {
		t.Errorf("health of a locked file: %v", err)
	}
	execute(t, db, `ROLLBACK`)
	results, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], Emit: []contract.Message{first("three")}}})
	if err != nil || results != nil {
		t.Errorf("settle again: %v, %v", results, err)
	}
	if got := string(fetch(t, c, 1)[0].Payload); got != "three" {
		t.Errorf("got %q, want what was emitted", got)
	}
}

// TestFullFileLosesNothing bounds the file, as a full disk does. Publish and Settle fail and pass again, and what was stored is there.
func TestFullFileLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	if err := sqlite.BoundPages(b, 400); err != nil {
		t.Fatal(err)
	}
	stored := 0
	var err error
	for big := strings.Repeat("x", 20_000); err == nil; stored++ {
		_, err = b.Publish(t.Context(), []contract.Message{first(big)}, contract.PublishOptions{})
	}
	stored--
	if !errors.Is(err, contract.ErrBackendFull) || !errors.Is(err, contract.ErrBackendUnavailable) || contract.IsPermanent(err) {
		t.Errorf("publish to a full file: %v, want %v", err, contract.ErrBackendFull)
	}
	if stored < 20 {
		t.Fatalf("%d events were stored", stored)
	}
	if err := sqlite.BoundPages(b, 100_000); err != nil {
		t.Fatal(err)
	}
	for range stored {
		d := fetch(t, c, 1)[0]
		if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: &d}}); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, b, "last")
	if got := string(fetch(t, c, 1)[0].Payload); got != "last" {
		t.Errorf("got %.20q behind what was stored, want the last event", got)
	}
}

// TestBadJobSpoilsNoOther has a publish that SQLite refuses share a transaction with good ones.
func TestBadJobSpoilsNoOther(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path, sqlite.WithPatience(time.Minute))
	c := subscribe(t, b)
	db := openRaw(t, path)
	db.SetMaxOpenConns(1)
	execute(t, db, `CREATE TRIGGER refuse BEFORE INSERT ON queue WHEN new.key = 'bad' BEGIN SELECT raise(ABORT, 'refused'); END`)
	execute(t, db, `BEGIN IMMEDIATE`) // so that all wait at a time
	const good = 20
	errs := make(chan error)
	for i := range 2 * good {
		m := first(fmt.Sprint(i))
		if i%2 == 1 {
			m.Key = "bad"
		}
		go func() {
			_, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{})
			if (err != nil) != (m.Key == "bad") {
				errs <- fmt.Errorf("publish with key %q: %v", m.Key, err)
				return
			}
			errs <- nil
		}()
	}
	for sqlite.WaitingJobs(b) < 2*good {
		time.Sleep(time.Millisecond)
	}
	execute(t, db, `ROLLBACK`)
	for range 2 * good {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := b.Health(t.Context()).Organs[0].Ready; got != good {
		t.Errorf("%d events are stored, want %d", got, good)
	}
	fetch(t, c, good)
}

// TestWhatAnotherProgramDeletedIsHandedOutAgain: the leases are no part of what is stored, and a process that opens the file
// finds what nobody holds.
func TestWhatAnotherProgramDeletedIsHandedOutAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	publish(t, b, "one", "two", "three")
	ds := fetch(t, c, 3)
	if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], Kind: contract.OutcomeRetry}}); err != nil {
		t.Fatal(err)
	}
	ds[0] = fetch(t, c, 1)[0]
	execute(t, openRaw(t, path), `DELETE FROM lease`, `UPDATE organ SET tail = 0, leased = 7, back = 9`)
	other := openFile(t, path)
	again := fetch(t, subscribe(t, other), 3)
	for i, want := range []string{"one", "two", "three"} {
		if got := string(again[i].Payload); got != want {
			t.Errorf("delivery %d is %q, want %q", i, got, want)
		}
	}
	if again[0].Attempts != 1 {
		t.Errorf("attempts: got %d, want 1", again[0].Attempts)
	}
	for i := range ds {
		results, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[i]}})
		if err != nil || results.IsApplied(0) {
			t.Errorf("settle without a lease: %v, %v, want it to change nothing", results, err)
		}
	}
}

// TestHostileBytesBecomeDeadLetters writes rows that cannot be read: they are given up with their bytes, and what is behind them goes on.
func TestHostileBytesBecomeDeadLetters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	spoils := []string{
		`x''`, `x'c1'`, `x'90'`, `x'dfffffffff'`, `zeroblob(100000)`, `x'98d37fffffffffffffff'`,
		`x'980207'`, `substr(envelope, 1, 9)`, `substr(envelope, 1, length(envelope) - 1)`, `substr(envelope, 1, length(envelope) - 1) || x'dfffffffff'`,
	}
	for range spoils {
		publish(t, b, "spoiled")
	}
	publish(t, b, "good")
	db := openRaw(t, path)
	for i, spoil := range spoils {
		execute(t, db, fmt.Sprintf(`UPDATE queue SET envelope = CAST(%s AS BLOB) WHERE id & 0xffff = %d`, spoil, i+1))
	}
	if got := string(fetch(t, c, 1)[0].Payload); got != "good" {
		t.Errorf("got %q, want the event behind those that cannot be read", got)
	}
	letters, err := b.DeadLetters(t.Context(), "first", contract.ID{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != len(spoils) {
		t.Errorf("%d dead letters, want %d", len(letters), len(spoils))
	}
	for _, l := range letters {
		if l.Reason != contract.ReasonUndecodable || string(l.Message.Payload) != "spoiled" {
			t.Errorf("a dead letter of reason %q with the bytes %q", l.Reason, l.Message.Payload)
		}
	}
}

// TestHostileNumbersAreErrors writes numbers that no backend writes. Calls return errors or go on: none panics, and none
// takes memory by such a number.
func TestHostileNumbersAreErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`UPDATE organ SET head = -5`, `UPDATE organ SET head = 9223372036854775807, tail = 9223372036854775807`, `UPDATE organ SET ordered = 77`,
		`UPDATE organ SET back = -1`, `UPDATE organ SET leased = 1 << 62`, `UPDATE back SET attempts = 1 << 40`, `UPDATE back SET holds = 9, due = -1`,
		`UPDATE lease SET ids = zeroblob(1000000)`, `UPDATE lease SET ids = x'ffffffffffffffffffff7f'`, `UPDATE lease SET until = 0, remaining = x''`,
		`UPDATE lease SET until = 0, ids = x'01'`, `DELETE FROM queue`, `DELETE FROM organ`, `DELETE FROM meta`, `UPDATE sqlite_sequence SET seq = 9223372036854775806`,
		`INSERT INTO back (id, organ, state) VALUES (9223372036854775807, 1, 0), (-1, 1, 0)`,
		`UPDATE meta SET value = -5`, `UPDATE meta SET value = 9223372036854775807`, `UPDATE later SET due = -9223372036854775807`,
		`UPDATE later SET number = 9223372036854775807, id = x'', due = 9223372036854775807`,
	} {
		t.Run(text, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.db")
			b := openFile(t, path)
			c := subscribe(t, b)
			publish(t, b, "one", "two", "three", "four")
			publishIn(t, b, time.Hour, "later")
			ds := fetch(t, c, 3)
			c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], Kind: contract.OutcomeRetry}})
			execute(t, openRaw(t, path), text)
			c.Extend(t.Context(), []*contract.Delivery{&ds[1]})
			c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[1], Emit: []contract.Message{first("five")}}})
			b.Publish(t.Context(), []contract.Message{first("six")}, contract.PublishOptions{})
			b.Publish(t.Context(), []contract.Message{firstIn("seven", time.Hour)}, contract.PublishOptions{})
			b.Health(t.Context())
			if again, err := sqlite.Open(path, sqlite.WithLogger(nil)); err == nil {
				again.Health(t.Context())
				if err := again.Close(); err != nil {
					t.Log(err)
				}
			}
			c.Release(t.Context(), []*contract.Delivery{&ds[2]})
			c.Close()
			b.Close()
		})
	}
}
