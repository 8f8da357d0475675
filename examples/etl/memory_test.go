package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// liveMemory returns the most that is alive while a file of so many rows is worked on, looked
// at every now and then.
func liveMemory(t *testing.T, rows int) (peak uint64) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "in.csv")
	writeRows(t, name, rows)
	o := &options{input: name, output: name + ".out", chunk: 512, window: 16, lease: contract.DefaultLease, log: slog.New(slog.DiscardHandler)}
	s, err := openSource(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	calls := 0
	look := func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			if _, ok := e.(*RowsTransformed); ok {
				if calls++; calls%50 == 0 {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
				}
			}
			return next(ctx, e)
		}
	}
	p, err := newPipeline(o, s, "1", memory.New(), nil, nil, necro.WithMiddleware(look))
	if err != nil {
		t.Fatal(err)
	}
	if err := cli.Serve(t.Context(), p.spine, p.feedChunks); err != nil || p.aggregate.totals.Rows != int64(rows) || peak == 0 {
		t.Fatalf("%d rows, %d bytes, %v", p.aggregate.totals.Rows, peak, err)
	}
	return peak
}

// TestMemoryIsBounded: with six times the rows there is no more in memory.
func TestMemoryIsBounded(t *testing.T) {
	little := liveMemory(t, 5_000)
	much := liveMemory(t, 30_000)
	t.Logf("%s, then %s", cli.Bytes(little), cli.Bytes(much))
	if much > little+1<<21 {
		t.Errorf("%s with 5,000 rows, %s with 30,000", cli.Bytes(little), cli.Bytes(much))
	}
}
