package backendtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// faultTests run a topology of branching chains by several processes whose backend fails
// and which die, and count what became of every event. The last two prove that the count
// can go wrong: they break the backend on purpose, and want to be told.
func faultTests() []test {
	return []test{
		{"NothingIsLostOrForked", nothingIsLostOrForked},
		{"StateIsTheFold", stateIsTheFold},
		{"StateWithLanesIsTheFold", stateWithLanesIsTheFold},
		{"MissingFenceIsReported", missingFenceIsReported},
		{"AckBeforeEmitIsReported", ackBeforeEmitIsReported},
	}
}

func nothingIsLostOrForked(e *env) {
	t := newTrial(e)
	r := t.run()
	if r.lost != 0 || r.forked != 0 || r.leftOver != 0 || r.unexpected != 0 {
		e.Errorf("seed %d: lost %d, forked %d, left over %d, unexpected %d, want none",
			t.seed, r.lost, r.forked, r.leftOver, r.unexpected)
	}
	t.wantBites(Bite{OpPublish, Refused}, Bite{OpPublish, LostReply}, Bite{OpFetch, LostReply},
		Bite{OpSettle, Refused}, Bite{OpSettle, LostReply}, Bite{OpSettle, Cancelled}, Bite{OpSettle, Delayed})
	if r.recovered == 0 {
		e.Errorf("seed %d: no process died with a delivery in its hands", t.seed)
	}
	if r.refused == 0 {
		e.Errorf("seed %d: no settle came too late, so the fence was not tried", t.seed)
	}
}

// missingFenceIsReported has a settle that comes too late still store its emissions.
func missingFenceIsReported(e *env) {
	t := newTrial(e)
	t.below = func(b contract.Backend) contract.Backend { return mutant(b, settleUnfenced) }
	if r := t.run(); r.forked == 0 {
		e.Errorf("seed %d: no forked chain is reported, with %d late settles and no fence", t.seed, t.records.refused)
	}
}

// ackBeforeEmitIsReported: a process can die between the two.
func ackBeforeEmitIsReported(e *env) {
	t := newTrial(e)
	t.above = func(b contract.Backend) contract.Backend { return mutant(b, settleAckFirst) }
	if r := t.run(); r.lost == 0 {
		e.Errorf("seed %d: no lost event is reported, with acknowledgements before emissions", t.seed)
	}
}

// mutant is a backend whose settle is broken.
func mutant(b contract.Backend, settle brokenSettle) contract.Backend {
	return &wrapped{b, func(c contract.Consumer, _ string) contract.Consumer { return &mutantConsumer{c, b, settle} }}
}

type brokenSettle func(context.Context, contract.Backend, contract.Consumer, []contract.Outcome) (contract.Results, error)

type mutantConsumer struct {
	contract.Consumer
	b      contract.Backend
	settle brokenSettle
}

func (c *mutantConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	return c.settle(ctx, c.b, c.Consumer, outcomes)
}

// settleUnfenced stores the emissions of outcomes that were not applied.
func settleUnfenced(ctx context.Context, b contract.Backend, c contract.Consumer, outcomes []contract.Outcome) (contract.Results, error) {
	results, err := c.Settle(ctx, outcomes)
	for i := range outcomes {
		if !results.IsApplied(i) && len(outcomes[i].Emit) > 0 {
			if _, err := b.Publish(ctx, outcomes[i].Emit, contract.PublishOptions{}); err != nil {
				return nil, err
			}
		}
	}
	return results, err
}

// settleAckFirst acknowledges, and stores the emissions in a second step.
func settleAckFirst(ctx context.Context, b contract.Backend, c contract.Consumer, outcomes []contract.Outcome) (contract.Results, error) {
	bare := slices.Clone(outcomes)
	for i := range bare {
		bare[i].Emit = nil
	}
	results, err := c.Settle(ctx, bare)
	if err != nil {
		return nil, err
	}
	for i := range outcomes {
		if results.IsApplied(i) && len(outcomes[i].Emit) > 0 {
			if _, err := b.Publish(ctx, outcomes[i].Emit, contract.PublishOptions{}); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// wantBites wants each of these faults to have struck.
func (t *trial) wantBites(wanted ...Bite) {
	t.e.Helper()
	bites := map[Bite]int{}
	for _, f := range t.faulty {
		for b, n := range f.Bites() {
			bites[b] += n
		}
	}
	for _, b := range wanted {
		if bites[b] == 0 {
			t.e.Errorf("seed %d: the fault %q at %s did not bite", t.seed, b.Fault, b.Op)
		}
	}
	t.e.Logf("bites: %v", bites)
}

// seedOf is the harness's, or a fresh one.
func (h Harness) seedOf() uint64 {
	if h.Seed != 0 {
		return h.Seed
	}
	return rand.Uint64()
}

// String tells a report in one line.
func (r report) String() string {
	return fmt.Sprintf("published %d, handled %d, emitted %d, given up %d, late settles %d, recovered from crashes %d, lost %d, forked %d, left over %d",
		r.published, r.handled, r.emitted, r.givenUp, r.refused, r.recovered, r.lost, r.forked, r.leftOver)
}
