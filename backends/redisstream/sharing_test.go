package redisstream_test

import (
	"context"
	"testing"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// chainCommands lets so many processes work off a chain of two organs, and returns how many commands
// the server carries out for an event, those within scripts included.
func chainCommands(t *testing.T, processes, events int) float64 {
	r := alone(t)
	r.bind(sub("first", &Step{}), sub("second", &Next{}))
	b := r.open()
	for first := 0; first < events; first += 1000 {
		r.publish(b, steps(first, 1000)...)
	}
	r.ok(b.Pause(r.ctx, "first", "until all processes wait"), "pause")
	for range processes {
		first := newOrgan("first", contract.Policy{}, on(func(_ context.Context, s *Step, emit func(contract.Event)) error {
			emit(&Next{N: s.N})
			return nil
		}, &Next{}))
		second := newOrgan("second", contract.Policy{}, on(func(context.Context, *Next, func(contract.Event)) error { return nil }))
		r.run(r.spine(r.open(), necro.WithOrgans(first, second)))
	}
	left := func() (n int) { return r.len("q:first") + r.len("q:second") }
	r.until("all wait", func() bool { return r.health(b, "second").Consumers == processes })
	before := r.calls()
	r.ok(b.Resume(r.ctx, "first"), "resume")
	r.until("all is handled", func() bool { return left() == 0 })
	sum := 0
	for name, n := range r.calls() {
		if name != "xlen" { // asks what is left
			sum += n - before[name]
		}
	}
	return float64(sum) / float64(events)
}

// TestProcessesCostNoCommands: an event of a chain costs the server about as many commands when eight
// processes share the work as when one does it all.
func TestProcessesCostNoCommands(t *testing.T) {
	t.Parallel()
	const events, most = 40_000, 4
	best := 1e9
	for round := 0; round < 3 && best > most; round++ {
		one, eight := chainCommands(t, 1, events), chainCommands(t, 8, events)
		t.Logf("commands an event: one process %.3f, eight %.3f", one, eight)
		best = min(best, eight/one)
	}
	// What each process does once, and batches that a busy machine makes small, are some of it.
	if best > most {
		t.Errorf("an event takes %.1f times as many commands with eight processes as with one", best)
	}
}
