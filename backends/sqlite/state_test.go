package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// keyedFirst returns an event of the type FIRST with a key.
func keyedFirst(key string) contract.Message {
	m := first("x")
	m.Key = key
	return m
}

// publishKeys publishes an event for each key.
func publishKeys(t *testing.T, b *sqlite.Backend, keys ...string) {
	t.Helper()
	var msgs []contract.Message
	for _, key := range keys {
		msgs = append(msgs, keyedFirst(key))
	}
	if _, err := b.Publish(t.Context(), msgs, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
}

// keepState settles deliveries, each with a state of its own, and wants all to be applied.
func keepState(t *testing.T, c contract.Consumer, ds []contract.Delivery, state func(i int) *contract.StateWrite) {
	t.Helper()
	outcomes := make([]contract.Outcome, len(ds))
	for i := range ds {
		outcomes[i] = contract.Outcome{Delivery: &ds[i], State: state(i)}
	}
	if results, err := c.Settle(t.Context(), outcomes); err != nil || results != nil {
		t.Fatalf("settle: results %v, error %v, want all to be applied", results, err)
	}
}

// numberIn returns a number that a query answers.
func numberIn(t *testing.T, db *sql.DB, text string) (n int) {
	t.Helper()
	if err := db.QueryRow(text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// markOf returns the mark of a record of the organ first.
func markOf(t *testing.T, b *sqlite.Backend, key string) uint64 {
	t.Helper()
	records, err := b.LoadStates(t.Context(), "first", []string{key})
	if err != nil {
		t.Fatal(err)
	}
	return records[0].Mark
}

// countInState counts the deliveries of each key in its record, until the process is killed. Several of a call are chained.
func countInState(b *sqlite.Backend) error {
	ctx := context.Background()
	organ := organOf("first", typeFirst)
	organ.State = true
	cs, err := b.Subscribe(ctx, []contract.Subscription{organ})
	if err != nil {
		return err
	}
	for {
		var ds []contract.Delivery
		err := whileUnavailable(func() (err error) { ds, err = cs[0].Fetch(ctx, 16); return err })
		if err != nil {
			return err
		}
		if err := whileUnavailable(func() error { return countBatch(ctx, b, cs[0], ds) }); err != nil {
			return err
		}
	}
}

// countBatch hands back what is in conflict.
func countBatch(ctx context.Context, b *sqlite.Backend, c contract.Consumer, ds []contract.Delivery) error {
	counts := map[string]contract.StateRecord{}
	var outcomes []contract.Outcome
	for i := range ds {
		record, known := counts[ds[i].Key]
		if !known {
			records, err := b.LoadStates(ctx, "first", []string{ds[i].Key})
			if err != nil {
				return err
			}
			record = records[0]
		}
		n, _ := strconv.Atoi(string(record.Value))
		next := contract.StateRecord{Mark: rand.Uint64() | 1, Value: []byte(strconv.Itoa(n + 1))}
		outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i], State: &contract.StateWrite{Read: record.Mark, Write: next.Mark, Value: next.Value}})
		counts[ds[i].Key] = next
	}
	results, err := c.Settle(ctx, outcomes)
	if err != nil {
		return err
	}
	var again []*contract.Delivery
	for i := range outcomes {
		if results.At(i) == contract.ResultConflict {
			again = append(again, outcomes[i].Delivery)
		}
	}
	return c.Release(ctx, again)
}

// TestStateCountsEveryDeliveryOnce kills processes that count deliveries in states, again and again, while others count on.
// At the end each key has counted its events: none twice, and none less.
func TestStateCountsEveryDeliveryOnce(t *testing.T) {
	t.Parallel()
	const rounds, each = 5, 120
	h := openHouse(t)
	for range rounds {
		var keys []string
		for range each {
			keys = append(keys, "left", "right")
		}
		publishKeys(t, h.b, keys...)
		before := h.stored("first")
		counters := []*exec.Cmd{h.start("count", "", nil), h.start("count", "", nil)}
		h.until("deliveries are counted", func() bool { return h.stored("first") <= before-each })
		for _, cmd := range counters {
			kill(cmd)
		}
	}
	h.start("count", "", nil)
	h.until("everything is counted", func() bool { return h.stored("first") == 0 })
	records, err := h.b.LoadStates(t.Context(), "first", []string{"left", "right"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if string(r.Value) != fmt.Sprint(rounds*each) {
			t.Errorf("a key has counted %s events, want %d", r.Value, rounds*each)
		}
	}
}

// TestStatesGoFromTheFile wants rows whose time is over to be deleted, though nothing asks for them: more than one sweep
// takes.
func TestStatesGoFromTheFile(t *testing.T) {
	t.Parallel()
	const count = 2500
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	var keys []string
	for n := range count {
		keys = append(keys, fmt.Sprint(n))
	}
	publishKeys(t, b, keys...)
	keepState(t, c, fetch(t, c, count), func(i int) *contract.StateWrite {
		state := &contract.StateWrite{Write: uint64(i + 1), TTL: time.Hour}
		if i%500 == 0 {
			state.TTL = 0
		}
		return state
	})
	db := openRaw(t, path)
	if got := numberIn(t, db, `SELECT count(*) FROM state`); got != count {
		t.Errorf("%d rows, want %d", got, count)
	}
	execute(t, db, `UPDATE state SET until = 1 WHERE until > 0 AND key != CAST('7' AS BLOB)`)
	for deadline := time.Now().Add(time.Minute); numberIn(t, db, `SELECT count(*) FROM state`) != 6; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d rows are left, want 5 that last and one whose time is not over", numberIn(t, db, `SELECT count(*) FROM state`))
		}
	}
}

// TestRowsOfStatesGoWithTheirOrgan looks into the file, because an organ of the same name has another number later.
func TestRowsOfStatesGoWithTheirOrgan(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	publishKeys(t, b, "k")
	keepState(t, c, fetch(t, c, 1), func(int) *contract.StateWrite { return &contract.StateWrite{Write: 1} })
	c.Close()
	if err := b.RemoveOrgan(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	if got := numberIn(t, openRaw(t, path), `SELECT count(*) FROM state`); got != 0 {
		t.Errorf("%d rows are left of an organ that was removed", got)
	}
}

// TestOlderFileGetsStates opens a file as it was made before there were states.
func TestOlderFileGetsStates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	subscribe(t, b)
	publishKeys(t, b, "k")
	b.Close()
	db := openRaw(t, path)
	execute(t, db, `DROP VIEW states`, `DROP TABLE state`)
	b = openFile(t, path)
	c := subscribe(t, b)
	keepState(t, c, fetch(t, c, 1), func(int) *contract.StateWrite { return &contract.StateWrite{Write: 1} })
	if got := markOf(t, b, "k"); got != 1 {
		t.Errorf("the record has the mark %d, want 1", got)
	}
	if got := numberIn(t, db, `SELECT count(*) FROM states WHERE organ = 'first' AND key = 'k'`); got != 1 {
		t.Errorf("the view for the shell has %d rows, want 1", got)
	}
}

// TestStateIsWrittenOnceForACall counts the writes of a row while a call settles many deliveries of its key.
func TestStateIsWrittenOnceForACall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	execute(t, openRaw(t, path), `CREATE TABLE writes (n INTEGER)`,
		`CREATE TRIGGER inserted AFTER INSERT ON state BEGIN INSERT INTO writes VALUES (1); END`,
		`CREATE TRIGGER updated AFTER UPDATE ON state BEGIN INSERT INTO writes VALUES (1); END`)
	for call := range 2 {
		publishKeys(t, b, "k", "k", "k", "k", "k", "k")
		keepState(t, c, fetch(t, c, 6), func(i int) *contract.StateWrite {
			n := uint64(6*call + i)
			return &contract.StateWrite{Read: n, Write: n + 1}
		})
	}
	if got := markOf(t, b, "k"); got != 12 {
		t.Errorf("the record has the mark %d, want that of the last delivery", got)
	}
	if got := numberIn(t, openRaw(t, path), `SELECT count(*) FROM writes`); got != 2 {
		t.Errorf("the row was written %d times in 2 calls", got)
	}
}

// TestStateOfAnUnencodableEmission: the delivery becomes a dead letter, and its state stays, as does that of one behind it
// which has read it.
func TestStateOfAnUnencodableEmission(t *testing.T) {
	t.Parallel()
	b := openFile(t, filepath.Join(t.TempDir(), "shop.db"))
	c := subscribe(t, b)
	publishKeys(t, b, "k", "k", "k")
	ds := fetch(t, c, 3)
	keepState(t, c, ds[:1], func(int) *contract.StateWrite { return &contract.StateWrite{Write: 1} })
	results, err := c.Settle(t.Context(), []contract.Outcome{
		{Delivery: &ds[1], State: &contract.StateWrite{Read: 1, Write: 2}, Emit: []contract.Message{{ID: contract.NewID(), Type: typeSecond, Event: unencodable{}}}},
		{Delivery: &ds[2], State: &contract.StateWrite{Read: 2, Write: 3}},
	})
	if err != nil || results.At(0) != contract.ResultApplied || results.At(1) != contract.ResultConflict {
		t.Errorf("results %v, error %v, want one applied and one in conflict", results, err)
	}
	if got := markOf(t, b, "k"); got != 1 {
		t.Errorf("the record has the mark %d, want 1", got)
	}
	if letters, err := b.DeadLetters(t.Context(), "first", contract.ID{}, 10); err != nil || len(letters) != 1 {
		t.Errorf("%d dead letters, error %v, want 1", len(letters), err)
	}
}

// unencodable is an event that cannot be encoded.
type unencodable struct{ contract.Event }

func (unencodable) AppendMsgpack([]byte) ([]byte, error) {
	return nil, errors.New("it cannot be encoded")
}

// TestStatePagesAreBounded lists large records: a page ends when it has some megabytes.
func TestStatePagesAreBounded(t *testing.T) {
	t.Parallel()
	const count, size = 12, 1 << 20
	b := openFile(t, filepath.Join(t.TempDir(), "shop.db"))
	c := subscribe(t, b)
	for n := range count {
		publishKeys(t, b, fmt.Sprint(n))
		keepState(t, c, fetch(t, c, 1), func(int) *contract.StateWrite {
			return &contract.StateWrite{Write: uint64(n + 1), Value: make([]byte, size)}
		})
	}
	listed := 0
	for after := ""; ; {
		page, next, err := b.RangeStates(t.Context(), "first", after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if listed += len(page); len(page) > 5 {
			t.Errorf("a page has %d records of %d bytes", len(page), size)
		}
		if after = next; next == "" {
			break
		}
	}
	if listed != count {
		t.Errorf("%d records are listed, want %d", listed, count)
	}
}

// TestHostileStates has another program write into records. Calls return errors or go on, and none panics.
func TestHostileStates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`UPDATE state SET version = 1 << 62, until = -5, mark = -1`, `UPDATE state SET number = 9223372036854775807, until = 9223372036854775807`,
		`UPDATE state SET organ = -1`, `UPDATE state SET key = x'', value = zeroblob(1000000)`, `DELETE FROM name`, `DROP TABLE state`,
	} {
		path := filepath.Join(t.TempDir(), "shop.db")
		b := openFile(t, path)
		c := subscribe(t, b)
		publishKeys(t, b, "k", "k")
		ds := fetch(t, c, 2)
		keepState(t, c, ds[:1], func(int) *contract.StateWrite { return &contract.StateWrite{Write: 1} })
		execute(t, openRaw(t, path), text)
		b.LoadStates(t.Context(), "first", []string{"k", ""})
		b.RangeStates(t.Context(), "first", "", 10)
		c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[1], State: &contract.StateWrite{Read: 1, Write: 2, TTL: 1<<63 - 1}}})
		c.Close()
		b.Close()
	}
}
