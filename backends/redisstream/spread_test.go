package redisstream_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// settlesFor has a backlog worked off in so many partitions, and returns how many scripts settle something: each deletes
// what it settles by one XDEL. All of the backlog is stored before, so the number does not depend on the time that this takes.
func settlesFor(t *testing.T, partitions, events int) int {
	r := alone(t)
	open := func() *redisstream.Backend { return r.open(redisstream.WithPartitions(partitions)) }
	b := open()
	r.subscribe(b, sub("in", &Step{}))
	r.ok(b.Close(), "close")
	publisher := r.spine(open())
	for i := 0; i < events; i += 1000 {
		batch := make([]contract.Event, 1000)
		for j := range batch {
			batch[j] = &Step{N: i + j, Key: fmt.Sprint("key", i+j)}
		}
		r.ok(publisher.PublishBatch(r.ctx, batch), "publish")
	}
	worker := r.spine(open(), necro.WithOrgans(newOrgan("in", contract.Policy{},
		on(func(context.Context, *Step, func(contract.Event)) error { return nil }))))
	before := r.calls()["xdel"]
	r.run(worker)
	r.until("all is handled", func() bool { return worker.Stats().Handled == uint64(events) })
	return r.calls()["xdel"] - before
}

// TestPartitionsDivideNoBatches works off a backlog in 1, 4 and 16 partitions: about as many scripts settle it. Batches
// that begin small in each partition come on top.
func TestPartitionsDivideNoBatches(t *testing.T) {
	t.Parallel()
	const events, begin = 50_000, 30
	one := settlesFor(t, 1, events)
	for _, partitions := range []int{4, 16} {
		got := settlesFor(t, partitions, events)
		if got > one*5/4+begin*partitions {
			t.Errorf("of %d events with 1 partition %d scripts settle something, with %d partitions %d", events, one, partitions, got)
		}
	}
}
