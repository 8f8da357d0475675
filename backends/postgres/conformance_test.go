package postgres_test

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestMain ends the shared server, and lets more tests run at a time than there are cores, because most of them wait.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "4")
	code := m.Run()
	if shared.server != nil {
		shared.server.Close()
	}
	os.Exit(code)
}

// shared is the server of this test binary.
var shared struct {
	sync.Once
	server *postgrestest.Server
	err    error
}

// sharedServer returns a server that no test kills. Each test takes a namespace there.
func sharedServer(tb testing.TB) *postgrestest.Server {
	tb.Helper()
	server, err := startShared()
	if err != nil {
		tb.Fatal(err)
	}
	return server
}

func startShared() (*postgrestest.Server, error) {
	shared.Do(func() { shared.server, shared.err = postgrestest.Launch() })
	return shared.server, shared.err
}

var namespaces atomic.Int64

func newNamespace() string { return fmt.Sprintf("test%d", namespaces.Add(1)) }

// open opens a backend that the test closes.
func open(tb testing.TB, server *postgrestest.Server, namespace string, options ...postgres.Option) *postgres.Backend {
	tb.Helper()
	options = append([]postgres.Option{postgres.WithNamespace(namespace), postgres.WithLogger(nil)}, options...)
	b, err := postgres.Open(tb.Context(), server.URL(), options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { b.Close() })
	return b
}

// TestConformance runs the suite, each test in a namespace of its own.
func TestConformance(t *testing.T) { backendtest.Run(t, harness()) }

func harness() backendtest.Harness {
	var opened sync.Map // namespaces, by backend
	start := func(tb testing.TB, namespace string, options ...postgres.Option) contract.Backend {
		b := open(tb, sharedServer(tb), namespace, options...)
		opened.Store(b, namespace)
		return b
	}
	return backendtest.Harness{
		Unit: 100 * time.Millisecond,
		Open: func(tb testing.TB) contract.Backend { return start(tb, newNamespace()) },
		OpenLimit: func(tb testing.TB, limit int) contract.Backend {
			return start(tb, newNamespace(), postgres.WithLimit(limit))
		},
		Attach: func(tb testing.TB, b contract.Backend) contract.Backend {
			namespace, _ := opened.Load(b)
			return start(tb, namespace.(string))
		},
	}
}
