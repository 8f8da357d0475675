package backendtest

import (
	"context"
	"errors"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var spineBatchTests = []test{
	{"BatchGivesEachEventItsOutcome", batchOutcomes},
	{"BatchLosesNothingWhileItWaits", batchWaits},
}

// onBatch is a route for events of type A, which emits one of type B for each that did not fail.
func onBatch(handle func(ns []int64) error) contract.Route {
	return contract.Route{
		Event: typeA, Method: "HandleAll", Emits: []*contract.EventType{typeB},
		HandleBatch: func(_ context.Context, es []contract.Event, out *contract.BatchResults) error {
			var ns []int64
			for i, ev := range contract.EventsOf[*eventA](es) {
				ns = append(ns, ev.N)
				out.Add(i, &eventB{N: ev.N})
			}
			return handle(ns)
		},
	}
}

// batchOutcomes: one fails once, one for good, and a batch with a third one fails as a whole. All others are done.
func batchOutcomes(e *env) {
	b := e.open()
	policy := e.policy()
	policy.BatchCount, policy.BatchWait = 5, 50*time.Millisecond
	failed := false
	var heard journal[int64]
	s := e.spine(b, organs(newOrgan("all", policy, onBatch(func(ns []int64) error {
		f := necro.Failed{}
		if i := slices.Index(ns, 2); i >= 0 && !failed {
			failed = true
			f[i] = errors.New("not now")
		}
		if i := slices.Index(ns, 4); i >= 0 {
			f[i] = necro.Permanent(errNever)
		}
		if slices.Contains(ns, 8) && len(ns) > 1 {
			return errNever
		}
		return f
	})), newOrgan("heard", e.policy(), sink[kindB](&heard))))
	e.sendA(s, 1, 12)
	stats := e.drain(s)
	got := heard.all()
	slices.Sort(got)
	if want := []int64{1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12}; !slices.Equal(got, want) {
		e.Errorf("heard %v, want %v", got, want)
	}
	same(e, "counted as retried", stats.Retried, 1)
	same(e, "counted as dead", stats.Dead, 1)
	same(e, "attempts before the last", e.theLetter(b, "all").Attempts, 0)
}

// batchWaits: a Fetch that ends while the batch waits for more loses no delivery.
func batchWaits(e *env) {
	b := e.open()
	policy := e.policy()
	policy.BatchCount, policy.BatchWait = 3, 3*time.Millisecond
	for _, policy.Concurrency = range []int{1, 3} {
		var seen journal[int64]
		s := e.spine(b, organs(newOrgan("all", policy, onBatch(func(ns []int64) error {
			for _, n := range ns {
				seen.add(n)
			}
			return nil
		}))))
		ctx, stop := context.WithCancel(e.ctx)
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		for n := range int64(20) {
			e.sendA(s, n, n)
			if n%4 == 0 {
				e.until("all are handled", func() bool { return seen.len() == int(n)+1 })
			}
		}
		e.until("all are handled", func() bool { return seen.len() == 20 })
		stop()
		e.ok(<-ended, "run")
		same(e, "counted as handled", s.Stats().Handled, 20)
	}
}
