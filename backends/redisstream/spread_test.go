package redisstream_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// sentFor has a backlog of a chain of two worked off in so many partitions, and returns the commands that
// this takes, and the seconds.
func sentFor(t *testing.T, partitions, events int) (s sent, seconds int) {
	r := alone(t)
	open := func() *redisstream.Backend { return r.open(redisstream.WithPartitions(partitions)) }
	b := open()
	r.subscribe(b, sub("in", &Step{}), sub("out", &Next{}))
	r.ok(b.Close(), "close")
	publisher := r.spine(open())
	for i := 0; i < events; i += 1000 {
		batch := make([]contract.Event, 1000)
		for j := range batch {
			batch[j] = &Step{N: i + j, Key: fmt.Sprint("key", i+j)}
		}
		r.ok(publisher.PublishBatch(r.ctx, batch), "publish")
	}
	worker := r.spine(open(), necro.WithOrgans(
		newOrgan("in", contract.Policy{}, on(func(_ context.Context, s *Step, emit func(contract.Event)) error {
			emit(&Next{N: s.N, Key: s.Key})
			return nil
		}, &Next{})),
		newOrgan("out", contract.Policy{}, on(func(context.Context, *Next, func(contract.Event)) error { return nil })),
	))
	begin := time.Now()
	s = r.sentDuring(func() {
		r.run(worker)
		r.until("all is handled", func() bool { return worker.Stats().Handled == uint64(2*events) })
	})
	return s, int(time.Since(begin).Seconds()) + 1
}

// TestPartitionsDivideNoBatches works off a backlog in 1, 4 and 16 partitions: an event takes about as
// many commands. What a process sends for each partition when it starts, and each second, comes on top.
func TestPartitionsDivideNoBatches(t *testing.T) {
	t.Parallel()
	const events, start, second = 100_000, 30, 15
	one, _ := sentFor(t, 1, events)
	for _, partitions := range []int{4, 16} {
		got, seconds := sentFor(t, partitions, events)
		if got.total() > one.total()*5/4+(start+second*seconds)*partitions {
			t.Errorf("with 1 partition %+v, with %d in %d s: %+v", one, partitions, seconds, got)
		}
	}
}
