package sqlite_test

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestMain lets more tests run at a time than there are cores, because most of them wait.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(runRole(role))
	}
	flag.Parse()
	flag.Set("test.parallel", "4")
	os.Exit(m.Run())
}

// TestConformance runs the suite on files of their own.
func TestConformance(t *testing.T) {
	backendtest.Run(t, harness(150*time.Millisecond), backendtest.Seam, backendtest.Spine)
}

// TestFaults runs the rest of the suite, which counts: a lease that is lost to a slow machine is one more fault there, so
// its waits may be short. Under the race detector, where SQLite is many times slower, a trial with a dozen open backends
// does not end in its time.
func TestFaults(t *testing.T) {
	if isRace {
		t.Skip("too slow under the race detector: go test ./backends/sqlite runs it")
	}
	backendtest.Run(t, harness(20*time.Millisecond), backendtest.Faults)
}

// harness opens each backend on a file of its own, and another process's on the same file. Nothing is synced, because a sync
// takes as long as the disk of the machine likes, and the suite is about other promises.
func harness(unit time.Duration) backendtest.Harness {
	var paths sync.Map
	open := func(tb testing.TB, path string, options ...sqlite.Option) contract.Backend {
		b, err := sqlite.Open(path, append(options, sqlite.WithLogger(nil), sqlite.WithoutSync())...)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { b.Close() })
		paths.Store(b, path)
		return b
	}
	return backendtest.Harness{
		Unit:  unit,
		Lacks: []backendtest.Trait{backendtest.Lanes},
		Open:  func(tb testing.TB) contract.Backend { return open(tb, filepath.Join(tb.TempDir(), "shop.db")) },
		OpenLimit: func(tb testing.TB, limit int) contract.Backend {
			return open(tb, filepath.Join(tb.TempDir(), "shop.db"), sqlite.WithLimit(limit))
		},
		Attach: func(tb testing.TB, b contract.Backend) contract.Backend {
			path, _ := paths.Load(b)
			return open(tb, path.(string))
		},
	}
}
