package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// firstIn returns an event of the type FIRST with a delay.
func firstIn(text string, delay time.Duration) contract.Message {
	m := first(text)
	m.Due = time.Now().Add(delay).UnixNano()
	return m
}

// publishIn publishes events of the type FIRST with a delay.
func publishIn(t *testing.T, b *sqlite.Backend, delay time.Duration, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := b.Publish(t.Context(), []contract.Message{firstIn(text, delay)}, contract.PublishOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// makeDue has all delayed events be due, as if their time had passed.
const makeDue = `UPDATE later SET due = 1`

// delayedIn returns how many events wait for their time.
func delayedIn(t *testing.T, b *sqlite.Backend) int {
	t.Helper()
	h := b.Health(t.Context())
	if h.Err != nil {
		t.Fatal(h.Err)
	}
	return h.Delayed
}

// publishLater publishes an event that is due soon and one that is not, writes when the first one is due, and waits to be
// killed.
func publishLater(b *sqlite.Backend) error {
	soon := firstIn("soon", 3*time.Second)
	if _, err := b.Publish(context.Background(), []contract.Message{soon, firstIn("never", time.Hour)}, contract.PublishOptions{}); err != nil {
		return err
	}
	if _, err := fmt.Println(soon.Due); err != nil {
		return err
	}
	select {}
}

// TestDelayedEventsOutliveAKilledProcess kills the process that has published them. The next one that opens the file delivers
// what is due, once and not before its time.
func TestDelayedEventsOutliveAKilledProcess(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.b.Close()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	child := h.start("delay", "", write)
	write.Close()
	var due int64
	if _, err := fmt.Fscan(bufio.NewReader(read), &due); err != nil {
		t.Fatal(err)
	}
	kill(child)
	b := openFile(t, h.path)
	d := fetch(t, subscribe(t, b), 1)[0]
	if early := due - time.Now().UnixNano(); early > 0 {
		t.Errorf("it came %v before its time", time.Duration(early))
	}
	if string(d.Payload) != "soon" || d.Attempts != 0 || d.Suspect {
		t.Errorf("got %q, attempts %d, suspect %v", d.Payload, d.Attempts, d.Suspect)
	}
	if got := delayedIn(t, b); got != 1 {
		t.Errorf("%d events wait for their time, want 1", got)
	}
}

// TestSeveralBackendsRouteOnce has backends of one file see many events become due at a time. Each is stored once.
func TestSeveralBackendsRouteOnce(t *testing.T) {
	t.Parallel()
	const count = 1500 // more than one transaction routes
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	organ := organOf("first", typeFirst)
	organ.Lease = time.Hour // a slow machine fetches for long
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{organ})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		openFile(t, path)
	}
	var msgs []contract.Message
	for range count {
		msgs = append(msgs, firstIn("x", time.Hour))
	}
	if _, err := b.Publish(t.Context(), msgs, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	execute(t, openRaw(t, path), makeDue)
	fetch(t, cs[0], count)
	h := b.Health(t.Context())
	if h.Delayed != 0 || h.Organs[0].Leased != count || h.Organs[0].Ready != 0 {
		t.Errorf("delayed %d, leased %d, ready %d, want all %d leased", h.Delayed, h.Organs[0].Leased, h.Organs[0].Ready, count)
	}
}

// TestSpoiledDelayedEventBlocksNoOther writes rows that cannot be read. They become dead letters when they are due, and those
// behind them come.
func TestSpoiledDelayedEventBlocksNoOther(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	spoils := []string{`x''`, `x'c1'`, `x'dfffffffff'`, `zeroblob(100000)`, `substr(envelope, 1, 9)`}
	for range spoils {
		publishIn(t, b, time.Hour, "spoiled")
	}
	publishIn(t, b, time.Hour, "good")
	db := openRaw(t, path)
	for i, spoil := range spoils {
		execute(t, db, fmt.Sprintf(`UPDATE later SET envelope = CAST(%s AS BLOB) WHERE number = %d`, spoil, i+1))
	}
	execute(t, db, makeDue)
	if got := string(fetch(t, c, 1)[0].Payload); got != "good" {
		t.Errorf("got %q, want the event behind those that cannot be read", got)
	}
	letters, err := b.DeadLetters(t.Context(), "first", contract.ID{}, 100)
	if err != nil || len(letters) != len(spoils) {
		t.Errorf("%d dead letters, error %v, want %d", len(letters), err, len(spoils))
	}
}

// TestRoutingIsOneStep has the file refuse the delivery of an event that is due. The event stays in the schedule until it can
// be stored, and health says for how long it has been due.
func TestRoutingIsOneStep(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	c := subscribe(t, b)
	publishIn(t, b, time.Hour, "late")
	db := openRaw(t, path)
	execute(t, db, `CREATE TRIGGER refuse BEFORE INSERT ON queue BEGIN SELECT raise(ABORT, 'refused'); END`, makeDue)
	publishIn(t, b, time.Hour, "another") // a commit of this process spoils nothing either
	if _, err := b.Publish(t.Context(), []contract.Message{first("now")}, contract.PublishOptions{}); err == nil {
		t.Error("the file refuses deliveries, and an event was published")
	}
	if h := b.Health(t.Context()); h.Delayed != 2 || h.Overdue < time.Hour {
		t.Errorf("delayed %d, overdue for %v, want 2 and long", h.Delayed, h.Overdue)
	}
	execute(t, db, `DROP TRIGGER refuse`)
	if got := string(fetch(t, c, 1)[0].Payload); got != "late" {
		t.Errorf("got %q, want what was due", got)
	}
	if got := delayedIn(t, b); got != 1 {
		t.Errorf("%d events wait for their time, want 1", got)
	}
}

// TestDelayedEventsAreCountedInTheFile: a process that opens it keeps to the limit, also when another program has deleted
// some.
func TestDelayedEventsAreCountedInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.db")
	b := openFile(t, path)
	publishIn(t, b, time.Hour, "one", "two", "three")
	b.Close()
	b = openFile(t, path, sqlite.WithLimit(3))
	four := []contract.Message{firstIn("four", time.Hour)}
	if _, err := b.Publish(t.Context(), four, contract.PublishOptions{}); !errors.Is(err, contract.ErrFull) {
		t.Errorf("publish beyond the limit: %v, want %v", err, contract.ErrFull)
	}
	execute(t, openRaw(t, path), `DELETE FROM later WHERE number = 2`)
	if _, err := b.Publish(t.Context(), four, contract.PublishOptions{}); err != nil {
		t.Errorf("publish after a deletion: %v", err)
	}
	if got := delayedIn(t, b); got != 3 {
		t.Errorf("%d events wait for their time, want 3", got)
	}
}
