package redisstream_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
)

// sentFor has a backlog of a chain of two worked off in so many partitions, and returns the commands that
// this takes.
func sentFor(t *testing.T, partitions, events int) sent {
	r := alone(t)
	open := func() *redisstream.Backend { return r.open(redisstream.WithPartitions(partitions)) }
	b := open()
	r.subscribe(b, sub("in", &Step{}), sub("out", &Next{}))
	r.ok(b.Close(), "close")
	publisher := r.spine(open())
	for i := 0; i < events; i += 1000 {
		batch := make([]necro.Event, 1000)
		for j := range batch {
			batch[j] = &Step{N: i + j, Key: fmt.Sprint("key", i+j)}
		}
		r.ok(publisher.PublishBatch(r.ctx, batch), "publish")
	}
	s := r.spine(open(), necro.WithOrgans(
		newOrgan("in", necro.Policy{}, on(func(_ context.Context, s *Step, emit func(necro.Event)) error {
			emit(&Next{N: s.N, Key: s.Key})
			return nil
		}, &Next{})),
		newOrgan("out", necro.Policy{}, on(func(context.Context, *Next, func(necro.Event)) error { return nil })),
	))
	return r.sentDuring(func() {
		r.run(s)
		r.until("all is handled", func() bool { return s.Stats().Handled == uint64(2*events) })
	})
}

// TestPartitionsDivideNoBatches works off a backlog in 1, 4 and 16 partitions: an event takes about as
// many commands. What a process sends for each partition when it starts comes on top.
func TestPartitionsDivideNoBatches(t *testing.T) {
	t.Parallel()
	const events, start = 50_000, 30
	one := sentFor(t, 1, events)
	for _, partitions := range []int{4, 16} {
		if got := sentFor(t, partitions, events); got.total() > one.total()*5/4+start*partitions {
			t.Errorf("with 1 partition %+v, with %d: %+v", one, partitions, got)
		}
	}
}
