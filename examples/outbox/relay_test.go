package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// An event that breaks its rules takes its order along, and so does an order its event.
func TestOrderAndEventAreOneStep(t *testing.T) {
	s := newShop(t)
	if err := placeOrder(s.ctx, s.db, "order-0", -5); !errors.As(err, new(*necro.ValidationError)) {
		t.Errorf("a negative order: %v, want a violation", err)
	}
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Errorf("%d orders without their event", n)
	}
	s.place(1)
	if err := placeOrder(s.ctx, s.db, "order-0", 700); err == nil {
		t.Error("the same order again is no error")
	}
	if n := s.count(`SELECT count(*) FROM outbox`); n != 1 {
		t.Errorf("%d events for one order", n)
	}
}

func TestRelayKeepsTheOrder(t *testing.T) {
	s := newShop(t)
	spine, letters := s.open(newMemory(t))
	s.place(12)
	r := newRelay(s.db, spine)
	r.batch = 5
	s.relayAll(r)
	s.confirmed(spine, letters, 12)
}

// A relay that died between publish and mark leaves its rows taken. When its lease has run out
// another one publishes them again, under the same ids: they are stored once.
func TestRowsOfADeadRelayArePublishedOnce(t *testing.T) {
	s := newShop(t)
	spine, letters := s.open(newMemory(t))
	s.place(3)
	dead := newRelay(s.db, spine)
	rows, err := dead.takeBatch(s.ctx)
	if err != nil || len(rows) != 3 {
		t.Fatalf("took %d rows: %v", len(rows), err)
	}
	for _, row := range rows[:2] {
		if err := dead.publishRow(s.ctx, row); err != nil {
			t.Fatal(err)
		}
	}

	heir := newRelay(s.db, spine)
	if n, err := heir.relayBatch(s.ctx); n != 0 || err != nil {
		t.Errorf("relayed %d rows that another relay holds: %v", n, err)
	}
	heir.now = later(dead.lease + time.Second)
	if n, err := heir.relayBatch(s.ctx); n != 3 || err != nil {
		t.Errorf("relayed %d rows, want 3: %v", n, err)
	}
	s.confirmed(spine, letters, 3)
}

// Several relays share the rows: each is published by one of them.
func TestRelaysShare(t *testing.T) {
	s := newShop(t)
	spine, _ := s.open(newMemory(t))
	s.place(30)
	var relays sync.WaitGroup
	for range 3 {
		r := newRelay(s.db, spine)
		r.batch = 4
		relays.Go(func() {
			for n := 1; n > 0; {
				var err error
				if n, err = r.relayBatch(s.ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	relays.Wait()
	if n := spine.Stats().Published; n != 30 {
		t.Errorf("published %d times, want 30", n)
	}
	if n := s.count(`SELECT count(*) FROM outbox WHERE sent = 0`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// A backend that is full, or away, leaves the rows where they are, and free for the next look.
func TestTroubleLosesNothing(t *testing.T) {
	s := newShop(t)
	backend := memory.New(memory.WithLimit(2), memory.FailWhenFull())
	defer backend.Close()
	spine, letters := s.open(backend)
	s.place(3)
	r := newRelay(s.db, spine)
	if n, err := r.relayBatch(s.ctx); n != 2 || !errors.Is(err, necro.ErrFull) {
		t.Errorf("relayed %d rows, want 2 and ErrFull: %v", n, err)
	}
	if _, err := spine.Drain(s.ctx); err != nil {
		t.Fatal(err)
	}
	s.relayAll(r)
	s.confirmed(spine, letters, 3)
}

// What can never be published does not hold up what stands behind it, and is kept to be looked
// at: an event that this program does not know, and bytes that are none.
func TestRowThatCannotBePublishedIsSetAside(t *testing.T) {
	s := newShop(t)
	spine, letters := s.open(newMemory(t))
	for _, values := range []string{
		`('0af7651916cd43dd8448eb211c80319c', 'ORDER_LOST', 1, x'80')`,
		`('1af7651916cd43dd8448eb211c80319c', 'ORDER_PLACED', 1, x'c1')`,
		`('2af7651916cd43dd8448eb211c80319c', 'ORDER_PLACED', 1, x'80')`,
		`('not an id', 'ORDER_PLACED', 1, x'80')`,
	} {
		if _, err := s.db.ExecContext(s.ctx, `INSERT INTO outbox (id, event, version, payload) VALUES `+values); err != nil {
			t.Fatal(err)
		}
	}
	s.place(1)
	r := newRelay(s.db, spine)
	s.relayAll(r)
	s.confirmed(spine, letters, 1)
	if n := s.count(`SELECT count(*) FROM outbox WHERE failed <> ''`); n != 4 {
		t.Errorf("%d rows were set aside, want 4", n)
	}
	if n, err := r.cleanSent(s.ctx, time.Now().Add(time.Hour).UnixMilli()); n != 1 || err != nil {
		t.Errorf("cleaned %d rows, want the one that was sent: %v", n, err)
	}
}

func TestCleanKeepsWhatWasNotSent(t *testing.T) {
	s := newShop(t)
	spine, _ := s.open(newMemory(t))
	s.place(2)
	r := newRelay(s.db, spine)
	s.relayAll(r)
	s.db.ExecContext(s.ctx, `UPDATE outbox SET sent = 0 WHERE seq = 2`)
	if n, err := r.cleanSent(s.ctx, time.Now().Add(-time.Hour).UnixMilli()); n != 0 || err != nil {
		t.Errorf("cleaned %d rows of this hour: %v", n, err)
	}
	if n, err := r.cleanSent(s.ctx, time.Now().Add(time.Hour).UnixMilli()); n != 1 || err != nil {
		t.Errorf("cleaned %d rows, want 1: %v", n, err)
	}
}

// run ends with its context, and has sent what there was.
func TestRun(t *testing.T) {
	s := newShop(t)
	spine, letters := s.open(newMemory(t))
	s.place(2)
	ctx, stop := context.WithCancel(s.ctx)
	r := newRelay(s.db, spine)
	r.batch = 1
	r.now = func() time.Time {
		if s.count(`SELECT count(*) FROM outbox WHERE sent = 0`) == 0 {
			stop()
		}
		return time.Now()
	}
	r.relayUntilDone(ctx)
	s.confirmed(spine, letters, 2)
}

func TestCommand(t *testing.T) {
	path := t.TempDir() + "/shop.db"
	var out strings.Builder
	for _, args := range [][]string{{"-db", path, "-redis", "", "12.50", "8"}, {"-db", path, "-redis", ""}} {
		if err := runCommand(t.Context(), args, &out); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{", 1250 cents.", ", 800 cents.", "2 relayed, 2 confirmed, 0 old", "0 relayed, 0 confirmed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("printed %q, want %q in it", out.String(), want)
		}
	}
	for _, amount := range []string{"x", "NaN", "-1", "0"} {
		if err := runCommand(t.Context(), []string{"-db", path, "--", amount}, &out); exitCode(io.Discard, err) != 2 {
			t.Errorf("%s is taken for an amount", amount)
		}
	}
	var stderr strings.Builder
	code := exitCode(&stderr, runCommand(t.Context(), []string{"--nosuch"}, &out))
	if want := "outbox: flag provided but not defined: -nosuch\ntry outbox --help\n"; code != 2 || stderr.String() != want {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	if code := exitCode(io.Discard, runCommand(t.Context(), []string{"--help"}, &out)); code != 0 || !strings.Contains(out.String(), "go run . --db shop.db") {
		t.Errorf("exit code %d, %s", code, out.String())
	}
}

// A relay that was too slow, and has lost its rows, does not give away what is not its own.
func TestSlowRelayLeavesOthersAlone(t *testing.T) {
	s := newShop(t)
	spine, _ := s.open(newMemory(t))
	s.place(2)
	slow, heir := newRelay(s.db, spine), newRelay(s.db, spine)
	lost, err := slow.takeBatch(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	heir.now = later(slow.lease + time.Second)
	if rows, err := heir.takeBatch(s.ctx); len(rows) != 2 || err != nil {
		t.Fatalf("the heir took %d rows: %v", len(rows), err)
	}
	if err := slow.markSent(s.ctx, nil, lost); err != nil {
		t.Fatal(err)
	}
	if rows, err := slow.takeBatch(s.ctx); len(rows) != 0 || err != nil {
		t.Errorf("took %d rows that the heir holds: %v", len(rows), err)
	}
}
