package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/sqlite"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestConformance runs the whole suite, on files of their own.
func TestConformance(t *testing.T) { backendtest.Run(t, harness()) }

// harness opens each backend on a file of its own, and another process's on the same file.
func harness() backendtest.Harness {
	var paths sync.Map
	open := func(tb testing.TB, path string, options ...sqlite.Option) contract.Backend {
		b, err := sqlite.Open(path, append(options, sqlite.WithLogger(nil))...)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { b.Close() })
		paths.Store(b, path)
		return b
	}
	return backendtest.Harness{
		Open: func(tb testing.TB) contract.Backend { return open(tb, filepath.Join(tb.TempDir(), "shop.db")) },
		OpenLimit: func(tb testing.TB, limit int) contract.Backend {
			return open(tb, filepath.Join(tb.TempDir(), "shop.db"), sqlite.WithLimit(limit))
		},
		Attach: func(tb testing.TB, b contract.Backend) contract.Backend {
			path, _ := paths.Load(b)
			return open(tb, path.(string))
		},
	}
}
