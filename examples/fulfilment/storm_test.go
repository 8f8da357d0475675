package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/examples/fulfilment/shop"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
)

var (
	stormOrders = flag.Int("orders", 120, "how many orders TestStorm places on each engine")
	stormPace   = flag.Duration("pace", 20*time.Millisecond, "between two orders of TestStorm")
)

// The test binary is a worker where these variables have the URL of the backend and that of the bank.
const (
	workerVariable  = "FULFILMENT_WORKER"
	gatewayVariable = "FULFILMENT_GATEWAY"
)

// What TestStorm begins with.
const (
	stormWorkers  = 3
	stormStock    = 150 // of each item
	stormPatience = 3 * time.Second
)

// crasher is a server that can die and comes back with what it has acknowledged.
type crasher interface {
	URL() string
	Kill()
	Restart() error
}

// TestStorm places orders while workers and the server are killed, over a bank that fails, answers late, and loses answers. Once
// all is quiet, each order has ended in exactly one of the two ways, and money and stock add up, as they are counted in a process
// that has run no organ.
func TestStorm(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) crasher{
		"redis": func(t *testing.T) crasher {
			return redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
		},
		"postgres": func(t *testing.T) crasher { return postgrestest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			bank, err := shop.NewBank("", 2*stormPatience)
			if err != nil {
				t.Fatal(err)
			}
			server := start(t)
			s := &storm{server: server, environment: append(os.Environ(), workerVariable+"="+server.URL(), gatewayVariable+"="+serveBank(t, bank))}
			ctx, calm := context.WithCancel(t.Context())
			var tasks sync.WaitGroup
			for range stormWorkers {
				w := &stormWorker{}
				s.workers = append(s.workers, w)
				tasks.Go(func() { s.keepAlive(t, w) })
			}
			tasks.Go(func() { s.strike(ctx, t) })
			placeOrders(t, server.URL())
			calm()
			c := awaitEnds(t, server.URL(), bank)
			s.endWorkers()
			tasks.Wait()
			t.Logf("%d workers and %d times the server killed; %d orders shipped, %d cancelled", s.killedWorkers, s.killedServers, c.Shipped, c.Cancelled)
			c.Print(t.Output())
			if err := c.Check(); err != nil || !c.Ended(*stormOrders) || c.Shipped+c.Cancelled != *stormOrders {
				t.Errorf("%v: %d shipped, %d cancelled, open are %q, not adding up %q", err, c.Shipped, c.Cancelled, c.Open, c.Contradictory)
			}
			if s.killedWorkers == 0 || s.killedServers == 0 || c.Shipped == 0 || c.Cancelled == 0 {
				t.Error("the storm was none")
			}
		})
	}
}

// storm is what strikes, and what is struck.
type storm struct {
	server      crasher
	environment []string
	workers     []*stormWorker

	killedWorkers, killedServers int // of the goroutine of strike
}

// stormWorker is a process that is started again when it has ended.
type stormWorker struct {
	mu      sync.Mutex
	process *os.Process // guarded by mu; nil while there is none
	over    bool        // guarded by mu; it is not started again
}

// keepAlive runs the process of a worker, again and again: as in a cluster, also when it has ended by itself because it found no server.
func (s *storm) keepAlive(t *testing.T, w *stormWorker) {
	for {
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = s.environment, t.Output()
		w.mu.Lock()
		if w.over {
			w.mu.Unlock()
			return
		}
		err := cmd.Start()
		w.process = cmd.Process
		w.mu.Unlock()
		if err != nil {
			t.Errorf("start a worker: %v", err)
			return
		}
		cmd.Wait()
		w.mu.Lock()
		w.process = nil
		w.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
}

// kill ends the process as a crash would, and reports whether there was one.
func (w *stormWorker) kill() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.process != nil && w.process.Kill() == nil
}

// endWorkers lets no process start any more, and ends all.
func (s *storm) endWorkers() {
	for _, w := range s.workers {
		w.mu.Lock()
		if w.over = true; w.process != nil {
			w.process.Signal(syscall.SIGTERM)
		}
		w.mu.Unlock()
	}
}

// strike kills a worker or the server, once in a while.
func (s *storm) strike(ctx context.Context, t *testing.T) {
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(300+rand.IntN(1200)) * time.Millisecond):
		}
		if n%4 != 2 {
			if s.workers[rand.IntN(len(s.workers))].kill() {
				s.killedWorkers++
			}
			continue
		}
		s.server.Kill()
		time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
		if err := s.server.Restart(); err != nil {
			t.Errorf("the server does not come back: %v", err)
			return
		}
		s.killedServers++
	}
}

// placeOrders publishes all orders, each until the server has it.
func placeOrders(t *testing.T, url string) {
	spine := openSpine(t, url)
	for n := range *stormOrders {
		poll.Until(t, fmt.Sprintf("order %d is stored", n), func() bool { return spine.Publish(t.Context(), shop.OrderNumber(n)) == nil })
		time.Sleep(*stormPace)
	}
}

// openSpine opens a spine that runs no organ.
func openSpine(t *testing.T, url string) *necro.Spine {
	t.Helper()
	var spine *necro.Spine
	poll.Until(t, "the server answers", func() bool {
		backend, err := all.Open(t.Context(), url, all.WithLogger(nil))
		if err != nil {
			return false
		}
		t.Cleanup(func() { backend.Close() })
		spine, err = necro.New(backend, necro.WithLogger(nil))
		return err == nil
	})
	return spine
}

// awaitEnds counts until every order has ended and what was turned back is done, or nothing has happened for two minutes.
func awaitEnds(t *testing.T, url string, bank *shop.Bank) *shop.Count {
	spine := openSpine(t, url)
	const stillness = 2 * time.Minute
	last, since := "", time.Now()
	for {
		c, err := shop.CountOrders(t.Context(), spine, bank, stormStock)
		if err != nil {
			t.Fatalf("count: %v", err)
		}
		if c.Ended(*stormOrders) && c.Check() == nil || time.Since(since) > stillness {
			return c
		}
		if now := fmt.Sprint(c.Shipped, c.Cancelled, len(c.Open), len(c.Contradictory)); now != last {
			last, since = now, time.Now()
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// serveBank lets the bank answer over HTTP, and returns its URL. Of an answer that is lost, the caller sees a connection that ends.
func serveBank(t *testing.T, bank *shop.Bank) string {
	answer := func(w http.ResponseWriter, err error) {
		switch {
		case errors.Is(err, shop.ErrDeclined):
			w.WriteHeader(http.StatusPaymentRequired)
		case errors.Is(err, shop.ErrLost):
			panic(http.ErrAbortHandler)
		case err != nil:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /charge/{key}/{cents}", func(w http.ResponseWriter, r *http.Request) {
		cents, err := strconv.Atoi(r.PathValue("cents"))
		if err == nil {
			err = bank.Charge(r.Context(), r.PathValue("key"), cents)
		}
		answer(w, err)
	})
	mux.HandleFunc("POST /refund/{key}", func(w http.ResponseWriter, r *http.Request) { answer(w, bank.Refund(r.Context(), r.PathValue("key"))) })
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// remoteBank is the gateway of a worker: a bank behind HTTP.
type remoteBank string

func (b remoteBank) Charge(ctx context.Context, key string, cents int) error {
	return b.post(ctx, fmt.Sprintf("/charge/%s/%d", key, cents))
}

func (b remoteBank) Refund(ctx context.Context, key string) error { return b.post(ctx, "/refund/"+key) }

func (b remoteBank) post(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, string(b)+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusPaymentRequired:
		return shop.ErrDeclined
	}
	return errors.New(response.Status)
}

// workOverBank is the main function of a worker. It returns the exit code.
func workOverBank(url, gateway string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	silent := slog.New(slog.DiscardHandler)
	backend, err := all.Open(ctx, url, all.WithLogger(silent))
	if err != nil {
		return 1
	}
	defer backend.Close()
	spine, err := necro.New(backend, necro.WithOrgans(shop.Organs(remoteBank(gateway), stormStock, stormPatience)...),
		necro.WithLease(2*time.Second), necro.WithLogger(silent))
	if err != nil {
		fmt.Fprintln(os.Stderr, "a worker:", err)
		return 1
	}
	if err := spine.Run(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "a worker:", err)
		return 1
	}
	return 0
}
