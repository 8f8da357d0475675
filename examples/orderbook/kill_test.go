package main

import (
	"context"
	"io"
	"log/slog"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Bystander keeps an account of all events. It runs in a process that is not killed.
//
//necro:organ bystander exclusive
type Bystander struct {
	ledger *ledger
	ended  atomic.Int64 // that were rejected or closed
}

// See enters an event once.
//
//necro:handle
func (b *Bystander) See(ctx context.Context, e necro.Event) error {
	meta, ok := necro.MetaFrom(ctx)
	if !ok {
		return errNoMeta
	}
	if b.ledger.seen[meta.ID] {
		return nil
	}
	b.ledger.seen[meta.ID] = true
	b.ledger.enter(e)
	switch e.(type) {
	case *OrderRejected, *OrderClosed:
		b.ended.Add(1)
	}
	return nil
}

// stockExchange is a process that runs the exchange until its input ends.
type stockExchange struct {
	*exec.Cmd
	input io.Closer
}

func startExchange(t *testing.T, url string) *stockExchange {
	t.Helper()
	p := &stockExchange{Cmd: program("--interactive", "--redis", url, "--lease", "300ms", "--failures", "0.1", "--latency", "1ms")}
	var err error
	if p.input, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	p.Stderr = t.Output()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	return p
}

// kill kills the process amid its work.
func (p *stockExchange) kill() {
	p.Process.Kill()
	p.Wait()
}

// held returns how many orders the matching of a process that is gone has in hand.
func held(t *testing.T, backend cli.Backend) (n int) {
	for _, o := range backend.Health(t.Context()).Organs {
		if o.Organ == "matching" {
			n += o.Leased
		}
	}
	return n
}

// consumes reports whether some process runs an organ. What is published before that is for
// the other organs alone.
func consumes(t *testing.T, backend cli.Backend, organ string) bool {
	return slices.ContainsFunc(backend.Health(t.Context()).Organs, func(o contract.OrganHealth) bool {
		return o.Organ == organ && o.Consumers > 0
	})
}

// TestKilledExchange kills the exchange three times amid a stress run, or until it had an order in hand. Every order has one end
// or rests in the book that the journal has, with all its shares; every trade is settled once,
// or a dead letter; and cash only changes hands.
func TestKilledExchange(t *testing.T) {
	const ordersPerKill, kills, mostKills = 300, 3, 20
	server := redistest.Start(t)
	backend, err := cli.Open(t.Context(), server.URL(), "orderbook", slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	bystander := &Bystander{ledger: newLedger(t)}
	spine, err := necro.New(backend, necro.WithOrgans(bystander), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- spine.Run(ctx) }()

	p, bitten := startExchange(t, server.URL()), 0
	poll.Until(t, "the gate is open", func() bool { return consumes(t, backend, "gate") })
	flow := newFlow(11, 0)
	for killed := 0; killed < kills || bitten == 0 && killed < mostKills; killed++ {
		from := bystander.ended.Load()
		if err := flow.publishRandom(t.Context(), &exchange{outside: outside{backend: backend}, spine: spine}, flow.orders+ordersPerKill); err != nil {
			t.Fatal(err)
		}
		poll.Until(t, "the exchange goes on", func() bool { return bystander.ended.Load() >= from+ordersPerKill/10 })
		p.kill()
		if held(t, backend) > 0 {
			bitten++
		}
		p = startExchange(t, server.URL())
	}
	if bitten == 0 {
		t.Error("no kill found matching with an order in hand")
	}
	p.input.Close() // it finishes all that is left, and ends
	if err := p.Wait(); err != nil {
		t.Errorf("the last exchange: %v", err)
	}
	poll.Until(t, "the bystander sees all", func() bool { return underWay(t.Context(), backend) == 0 })
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	rebuilt := NewMatching(&redisJournal{client})
	if err := rebuilt.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if uint64(len(bystander.ledger.orders)) != flow.orders {
		t.Errorf("%d orders, want %d", len(bystander.ledger.orders), flow.orders)
	}
	bystander.ledger.checkOrders(rebuilt)
	bystander.ledger.checkSettled(backend)
	bystander.ledger.checkCash()
}
