package redisstream_test

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/backendtest"
	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestConformance runs the suite on a real server.
func TestConformance(t *testing.T) { backendtest.Run(t, harness(t)) }

// harness opens each backend in a namespace of its own on one server, which may take its time to answer on a loaded machine.
func harness(t *testing.T, options ...redisstream.Option) backendtest.Harness {
	url := redistest.Start(t).URL() + "?read_timeout=1m"
	var numbers atomic.Int64
	namespaces := map[contract.Backend]string{}
	open := func(tb testing.TB, namespace string) contract.Backend {
		quiet := redisstream.WithLogger(slog.New(slog.DiscardHandler))
		b, err := redisstream.Open(url, append([]redisstream.Option{redisstream.WithNamespace(namespace), quiet}, options...)...)
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	lock := make(chan struct{}, 1)
	return backendtest.Harness{
		Pack: 1,
		Unit: 80 * time.Millisecond, // a process that a loaded machine stops for half a second keeps its leases of ten units
		Open: func(tb testing.TB) contract.Backend {
			namespace := fmt.Sprint("test", numbers.Add(1))
			b := open(tb, namespace)
			lock <- struct{}{}
			namespaces[b] = namespace
			<-lock
			return b
		},
		Attach: func(tb testing.TB, b contract.Backend) contract.Backend {
			lock <- struct{}{}
			namespace := namespaces[b]
			<-lock
			return open(tb, namespace)
		},
	}
}
