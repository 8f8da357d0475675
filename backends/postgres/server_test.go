package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// persist repeats a call as a spine does while the server is gone.
func persist(ctx context.Context, call func() error) error {
	for {
		err := call()
		if !errors.Is(err, contract.ErrBackendUnavailable) || ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// turnInto turns each delivery of a consumer into a SECOND with the same payload, until ctx ends.
func turnInto(ctx context.Context, c contract.Consumer) error {
	for {
		var ds []contract.Delivery
		if err := persist(ctx, func() (err error) { ds, err = c.Fetch(ctx, 16); return err }); err != nil {
			return err
		}
		var outcomes []contract.Outcome
		for i := range ds {
			emit := contract.Message{ID: contract.DeriveID(ds[i].ID, contract.ID{}, 1), Type: typeSecond, Payload: ds[i].Payload, Nanos: ds[i].Nanos}
			outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i], Emit: []contract.Message{emit}})
		}
		if err := persist(ctx, func() error { _, err := c.Settle(ctx, outcomes); return err }); err != nil {
			return err
		}
	}
}

// countPayloads fetches all that an organ gets until there are as many different payloads as wanted, and returns how often each
// came.
func countPayloads(t *testing.T, c contract.Consumer, want int) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	seen := map[string]int{}
	for len(seen) < want {
		ds, err := c.Fetch(ctx, 1000)
		if err != nil {
			t.Fatalf("%d of %d events came: %v", len(seen), want, err)
		}
		var outcomes []contract.Outcome
		for i := range ds {
			seen[string(ds[i].Payload)]++
			outcomes = append(outcomes, contract.Outcome{Delivery: &ds[i]})
		}
		if _, err := c.Settle(ctx, outcomes); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

// startWorkers has two processes turn events of the first type into the second until ctx ends.
func startWorkers(ctx context.Context, t *testing.T, open func() *postgres.Backend) *sync.WaitGroup {
	var working sync.WaitGroup
	for range 2 {
		c := subscribe(t, open(), organOf("first", typeFirst))
		working.Go(func() {
			if err := turnInto(ctx, c); !errors.Is(err, context.Canceled) {
				t.Errorf("a worker ends: %v", err)
			}
		})
	}
	return &working
}

// TestServerThatDiesLosesNothing cuts all connections, kills the server, and has it end at once, while two processes work and
// events are published. Every event whose Publish had returned comes out once.
func TestServerThatDiesLosesNothing(t *testing.T) {
	t.Parallel()
	const events = 300
	server, namespace := postgrestest.Start(t), newNamespace()
	b := open(t, server, namespace)
	sink := subscribe(t, b, organOf("sink", typeSecond))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	working := startWorkers(ctx, t, func() *postgres.Backend { return open(t, server, namespace) })
	for n := range events {
		switch n {
		case events / 8:
			query(t, server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'necrostack'`)
		case events / 4, events / 2:
			server.Kill()
		case events / 4 * 3:
			server.StopImmediately()
		}
		if n%(events/4) == 0 && n > 0 {
			if err := server.Restart(); err != nil {
				t.Fatal(err)
			}
		}
		m := messageOf(fmt.Sprint(n))
		m.Once = true // a repeated Publish may have been stored before
		if err := persist(ctx, func() error {
			_, err := b.Publish(ctx, []contract.Message{m}, contract.PublishOptions{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for event, times := range countPayloads(t, sink, events) {
		if times != 1 {
			t.Errorf("event %s came out %d times", event, times)
		}
	}
	cancel()
	working.Wait()
}

// TestEmptiedLeasesForkNothing removes the leases, as a crash of the server does, while a delivery is held: it is handed out
// again, and the settle of the former holder changes nothing.
func TestEmptiedLeasesForkNothing(t *testing.T) {
	t.Parallel()
	server, namespace := sharedServer(t), newNamespace()
	b := open(t, server, namespace)
	c, sink := subscribe(t, b, organOf("first", typeFirst)), subscribe(t, b, organOf("sink", typeSecond))
	if _, err := b.Publish(t.Context(), []contract.Message{messageOf("one")}, contract.PublishOptions{}); err != nil {
		t.Fatal(err)
	}
	former := fetchOne(t, c)
	query(t, server, `TRUNCATE `+namespace+`.lease`)
	holder := fetchOne(t, c)
	emit := contract.Message{ID: contract.NewID(), Type: typeSecond, Payload: []byte("emitted"), Nanos: 1}
	for _, d := range []*contract.Delivery{former, holder} {
		results, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: d, Emit: []contract.Message{emit}}})
		if err != nil {
			t.Fatal(err)
		}
		if applied := results.IsApplied(0); applied != (d == holder) {
			t.Errorf("applied %t, want that of the holder alone", applied)
		}
	}
	countPayloads(t, sink, 1)
	for _, o := range b.Health(t.Context()).Organs {
		if o.Ready+o.Leased+o.Scheduled != 0 {
			t.Errorf("organ %s has something left: %+v", o.Organ, o)
		}
	}
}
