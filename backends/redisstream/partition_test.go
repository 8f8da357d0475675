package redisstream_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

const partitions = 4

// partitioned opens a backend whose namespace has several partitions.
func (r *rig) partitioned() *redisstream.Backend {
	r.Helper()
	return r.open(redisstream.WithPartitions(partitions))
}

// TestPartitionsKeepAChainTogether publishes events of many keys, and looks where they and what
// they lead to are stored: a key in one partition, and the chain in the same one, also where an
// event of it has another key.
func TestPartitionsKeepAChainTogether(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.partitioned()
	s := r.spine(b, necro.WithOrgans(
		newOrgan("in", contract.Policy{}, on(func(_ context.Context, s *Step, emit func(contract.Event)) error {
			emit(&Next{N: s.N, Key: "other" + s.Key})
			return nil
		}, &Next{})),
	))
	r.subscribe(r.partitioned(), sub("watch", &Step{}), sub("out", &Next{})) // which handle nothing
	const keys, n = 21, 210                                                  // no multiple of the partitions: ids follow one another
	for i := range n {
		r.ok(s.Publish(r.ctx, &Step{N: i, Key: fmt.Sprint(i % keys)}), "publish")
	}
	_, err := s.Drain(r.ctx)
	r.ok(err, "drain")
	at := map[string][]int{} // partitions of a key
	for p := range partitions {
		for stream, prefix := range map[string]string{"q:watch": "other", "q:out": ""} {
			messages := r.messages(p, stream)
			if len(messages) == 0 {
				t.Errorf("partition %d holds nothing of %s", p, stream)
			}
			for _, m := range messages {
				if key := prefix + m.key; !slices.Contains(at[key], p) {
					at[key] = append(at[key], p)
				}
			}
		}
	}
	same(r, "keys", len(at), keys)
	for key, in := range at {
		if len(in) != 1 {
			t.Errorf("the chains of %s are in the partitions %v", key, in)
		}
	}
}

// TestPartitionsKeepOrderAndDrain works on events of several keys, each in order, until nothing
// is left in any partition.
func TestPartitionsKeepOrderAndDrain(t *testing.T) {
	t.Parallel()
	r := share(t)
	handled := journal[Step]{}
	s := r.spine(r.partitioned(), necro.WithOrgans(newOrgan("in", contract.Policy{Concurrency: 3}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
		handled.add(*s)
		return nil
	}))))
	const keys, n = 10, 300
	var events []contract.Event
	for i := range n {
		events = append(events, &Step{N: i, Key: fmt.Sprint(i % keys)})
	}
	r.ok(s.PublishBatch(r.ctx, events), "publish")
	_, err := s.Drain(r.ctx)
	r.ok(err, "drain")
	same(r, "handled", handled.len(), n)
	last := map[string]int{}
	for _, e := range handled.all() {
		if before, ok := last[e.Key]; ok && e.N < before {
			t.Errorf("key %s: %d came after %d", e.Key, e.N, before)
		}
		last[e.Key] = e.N
	}
	for p := range partitions {
		same(r, "left in a partition", len(r.messages(p, "q:in")), 0)
	}
}

// TestPartitionsHaveOneListOfDeadLetters lists, redrives and discards dead letters that are in
// several partitions.
func TestPartitionsHaveOneListOfDeadLetters(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.partitioned()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	const n = 20
	r.publish(b, steps(0, n)...) // without keys: spread by their ids
	for _, d := range c.take(n) {
		c.settle(bury(d))
	}
	same(r, "dead", r.health(b, "in").Dead, n)

	var ids []contract.ID
	for page := range r.pages(b, "in", 3) {
		for _, l := range page {
			ids = append(ids, l.ID)
		}
	}
	same(r, "dead letters in pages", len(ids), n)
	same(r, "different ones", len(slices.Compact(slices.SortedFunc(slices.Values(ids), compareIDs))), n)

	moved, err := b.Redrive(r.ctx, "in", ids[:n/2]...)
	r.ok(err, "redrive")
	same(r, "redriven", moved, n/2)
	gone, err := b.Discard(r.ctx, "in", ids...)
	r.ok(err, "discard")
	same(r, "discarded", gone, n/2)
	ds := c.take(n / 2)
	c.ack(ds...)
	h := r.health(b, "in")
	same(r, "left", h.Dead+h.Ready+h.Leased, 0)
}

func compareIDs(a, b contract.ID) int { return slices.Compare(a[:], b[:]) }

// pages lists dead letters some at a time.
func (r *rig) pages(b *redisstream.Backend, organ string, size int) func(func([]contract.DeadLetter) bool) {
	return func(yield func([]contract.DeadLetter) bool) {
		var after contract.ID
		for {
			page, err := b.DeadLetters(r.ctx, organ, after, size)
			r.ok(err, "dead letters")
			if len(page) == 0 || !yield(page) {
				return
			}
			after = page[len(page)-1].ID
		}
	}
}

// TestPartitionsAreFixed wants another number of partitions to be refused, whichever is smaller.
func TestPartitionsAreFixed(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.publish(r.partitioned(), steps(0, 1)...)
	for _, other := range []int{1, 3, 5} {
		_, err := r.open(redisstream.WithPartitions(other)).Publish(r.ctx, steps(0, 1), contract.PublishOptions{})
		r.oneLine(err, fmt.Sprintf("has 4 partitions, not %d", other))
	}
	r.publish(r.partitioned(), steps(0, 1)...)
}

// TestPartitionsRefuseAnExclusiveOrgan: each partition would have its own owner.
func TestPartitionsRefuseAnExclusiveOrgan(t *testing.T) {
	t.Parallel()
	r := share(t)
	in := sub("in", &Step{})
	in.Exclusive = true
	_, err := r.partitioned().Subscribe(r.ctx, []contract.Subscription{in})
	r.oneLine(err, "organ in: it is exclusive, and each of the 4 partitions would have its own owner")
}

// TestPartitionsRefuseStrictOrder: each partition would have an order of its own.
func TestPartitionsRefuseStrictOrder(t *testing.T) {
	t.Parallel()
	r := share(t)
	in := sub("in", &Step{})
	in.Order = contract.OrderStrict
	_, err := r.partitioned().Subscribe(r.ctx, []contract.Subscription{in})
	r.oneLine(err, "organ in: order=strict is the order of all its events, and each of the 4 partitions would have its own: use one partition, or order=key")
}

// TestPartitionsAreReadInTurn wants an organ that asks for one delivery at a time to get those
// of every partition, though the first alone would keep it busy.
func TestPartitionsAreReadInTurn(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.partitioned()
	in := sub("in", &Step{})
	in.Pack = 1
	c := r.subscribe(b, in)[0]
	const n = 40
	r.publish(b, steps(0, n)...)
	left := func(p int) int { return len(r.messages(p, "q:in")) }
	var before [partitions]int
	for p := range before {
		before[p] = left(p)
	}
	for range 2 * partitions {
		c.ack(c.take(1)...)
	}
	for p := range before {
		if before[p] > 0 && left(p) == before[p] {
			t.Errorf("nothing was taken of partition %d: it has %d of %d", p, left(p), before[p])
		}
	}
}
