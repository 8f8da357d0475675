package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// TestGenerated fails when generated code of this module is missing or stale.
func TestGenerated(t *testing.T) { necrotest.Check(t) }

// shop is a database with its own folder.
type shop struct {
	*testing.T
	ctx context.Context
	db  *sql.DB
}

func newShop(t *testing.T) *shop { return openShop(t, filepath.Join(t.TempDir(), "shop.db")) }

func openShop(t *testing.T, path string) *shop {
	t.Helper()
	db, err := openDatabase(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &shop{t, t.Context(), db}
}

// place places n orders.
func (s *shop) place(n int) {
	s.Helper()
	for i := range n {
		if err := placeOrder(s.ctx, s.db, fmt.Sprint("order-", i), 1250); err != nil {
			s.Fatal(err)
		}
	}
}

// count returns the number that a query asks for.
func (s *shop) count(query string) (n int) {
	s.Helper()
	if err := s.db.QueryRowContext(s.ctx, query).Scan(&n); err != nil {
		s.Fatal(query, err)
	}
	return n
}

// open returns a spine over a backend, with the organ and what it writes.
func (s *shop) open(backend necro.Backend) (*necro.Spine, *bytes.Buffer) {
	s.Helper()
	letters := new(bytes.Buffer)
	spine, err := necro.New(backend, necro.WithOrgans(&Letters{letters}))
	if err != nil {
		s.Fatal(err)
	}
	return spine, letters
}

// relayAll relays until nothing is left.
func (s *shop) relayAll(r *relay) {
	s.Helper()
	for {
		n, err := r.relayBatch(s.ctx)
		if err != nil {
			s.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// confirmed wants every order to be confirmed once, in the order in which it was placed.
func (s *shop) confirmed(spine *necro.Spine, letters *bytes.Buffer, n int) {
	s.Helper()
	if _, err := spine.Drain(s.ctx); err != nil {
		s.Fatal(err)
	}
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "Thank you for order order-%d, 1250 cents.\n", i)
	}
	if letters.String() != want.String() {
		s.Errorf("letters:\n%swant:\n%s", letters, &want)
	}
}

// later is a clock that is ahead.
func later(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(d) } }

func newMemory(t *testing.T) *memory.Backend {
	backend := memory.New(memory.WithCopy())
	t.Cleanup(func() { backend.Close() })
	return backend
}
