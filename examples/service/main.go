// Command service is the shop of examples/fulfilment as a service with everything on: requests, probes, metrics, traces and the console,
// and a bank that can be broken. README.md walks through an incident of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/examples/fulfilment/shop"
	"github.com/necrostack/necrogen/examples/internal/cli"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/service"
)

const usage = `service takes orders, and brings each to its end until it is told to stop.

  go run ./examples/service                                   then open http://127.0.0.1:8088
  go run ./examples/service --backend sqlite:shop.db --bank shop.bank

What else differs from process to process comes from the environment: see docs/service.md.

`

func main() {
	o, err := parseOptions(os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		cli.Misuse(os.Stderr, "service", err)
		os.Exit(service.ExitConfig)
	}
	service.Exit(run(context.Background(), o))
}

// options are the flags.
type options struct {
	backend, bank, traces string
	orders                int
}

// parseOptions reads the arguments.
func parseOptions(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.StringVar(&o.backend, "backend", "", "`URL` of the backend, in place of NECRO_BACKEND_URL: memory, sqlite:FILE, postgres://…, redis://…")
	flags.StringVar(&o.bank, "bank", "", "`file` for the books of the simulated bank, which have to outlive the process where the backend does")
	flags.StringVar(&o.traces, "traces", "", "`file` for the spans of all chains; without one there are none")
	flags.IntVar(&o.orders, "orders", 2, "`number` of orders that customers place in a second")
	others, err := cli.ParseOrHelp(flags, args, usage, out)
	switch {
	case err != nil:
		return nil, err
	case len(others) > 0:
		return nil, fmt.Errorf("%q is no flag", others[0])
	case o.orders < 0 || o.orders > 1000:
		return nil, errors.New("--orders is a number from 0 to 1000")
	}
	return o, nil
}

// What the shop is like: how much of each item it has, how long an order waits for the answers to one step, and how late an answer of
// the bank is that is late.
const (
	stock    = 1_000_000
	patience = 3 * time.Second
	lateness = 4 * time.Second
)

// run serves until ctx is done or the process is told to stop.
func run(ctx context.Context, o *options, change ...func(*service.Config)) error {
	if o.backend != "" {
		if err := os.Setenv("NECRO_BACKEND_URL", o.backend); err != nil {
			return err
		}
	}
	books, err := shop.NewBank(o.bank, lateness)
	if err != nil {
		return err
	}
	defer books.Close()
	s := &server{bank: &bank{Bank: books}}
	config := service.Config{
		Organs: shop.Organs(s.bank, stock, patience),
		// A bank that is down is tried four times a second, not by every order.
		Options: []necro.Option{necro.WithPolicy("shop.Payments", necro.Retry(3), necro.Breaker(5, 250*time.Millisecond))},
		HTTP:    s.routes(),
		Setup: func(ctx context.Context, spine *necro.Spine) error {
			s.spine = spine
			go s.placeOrders(ctx, o.orders)
			return nil
		},
		// Whoever sees the console may act, but for the user viewer.
		ConsoleOptions: []console.Option{console.WithActions(func(user string) bool { return user != "viewer" })},
	}
	if o.traces != "" {
		provider, end, err := traceTo(o.traces)
		if err != nil {
			return err
		}
		defer end()
		config.Traces = provider
	}
	for _, f := range change {
		f(&config)
	}
	return service.Run(ctx, config)
}

// traceTo returns a provider that writes spans to a file, and a function that writes the last of them.
func traceTo(path string) (*trace.TracerProvider, func(), error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(file))
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	return provider, func() {
		provider.Shutdown(context.Background())
		file.Close()
	}, nil
}

// server answers requests of customers and of those who look at the shop.
type server struct {
	bank  *bank
	spine *necro.Spine // set before anything listens
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", s.takeOrder)
	mux.HandleFunc("GET /count", s.count)
	mux.HandleFunc("POST /bank/down", func(http.ResponseWriter, *http.Request) { s.bank.isDown.Store(true) })
	mux.HandleFunc("POST /bank/up", func(http.ResponseWriter, *http.Request) { s.bank.isDown.Store(false) })
	return mux
}
