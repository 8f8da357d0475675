package redisstream_test

import (
	"fmt"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// settlesFor has a backlog worked off in so many partitions, and returns how many scripts settle something: each deletes
// what it settles by one XDEL. All of the backlog is stored before, and each batch is asked for with the same limit, so that the
// number does not depend on the time that anything takes.
func settlesFor(t *testing.T, partitions, events int) int {
	const limit = 512
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
	c := r.subscribe(open(), sub("in", &Step{}))[0]
	before := r.calls()["xdel"]
	for left := events; left > 0; {
		ds := c.takeSome(limit)
		c.insist(acks(ds)...)
		left -= len(ds)
	}
	return r.calls()["xdel"] - before
}

// TestPartitionsDivideNoBatches works off a backlog in 1, 4 and 16 partitions: about as many scripts settle it. The last batch
// of each partition is a small one.
func TestPartitionsDivideNoBatches(t *testing.T) {
	t.Parallel()
	const events = 20_000
	one := settlesFor(t, 1, events)
	for _, partitions := range []int{4, 16} {
		got := settlesFor(t, partitions, events)
		if got > 2*one+2*partitions {
			t.Errorf("of %d events with 1 partition %d scripts settle something, with %d partitions %d", events, one, partitions, got)
		}
	}
}
