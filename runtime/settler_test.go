package necro_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// distant is memory with bytes, as if it were far away: a settle takes its time, or fails.
type distant struct {
	*intercept.Backend
	settle func(ctx context.Context, n int, settle func() error) error // of n outcomes
	leaves func(n int) bool                                            // whether a settle leaves event n; nil for none
	fetch  time.Duration                                               // what a Fetch takes

	mu      sync.Mutex
	calls   int // under way
	burying int // of them with dead letters
	most    int // calls at a time
	fetches int // calls of Fetch that returned something
	settles int // calls of Settle
	settled []int
	renewed map[int]int
}

func newDistant() *distant {
	b := &distant{renewed: map[int]int{}}
	b.settle = func(_ context.Context, _ int, settle func() error) error { return settle() }
	b.Backend = intercept.New(memory.New(memory.WithCopy()), intercept.Calls{
		Fetch: b.fetchSlowly, Settle: b.settleNoted, Extend: b.extendNoted,
	})
	return b
}

func (b *distant) settleNoted(ctx context.Context, c contract.Consumer, outcomes []contract.Outcome) (results contract.Results, err error) {
	dead := 0
	if slices.ContainsFunc(outcomes, func(o contract.Outcome) bool { return o.Kind == contract.OutcomeDead }) {
		dead = 1
	}
	b.began(1, dead)
	defer b.began(-1, -dead)
	if b.leaves != nil {
		return b.settleSome(ctx, c, outcomes)
	}
	err = b.settle(ctx, len(outcomes), func() (err error) {
		results, err = c.Settle(ctx, outcomes)
		b.note(outcomes, results)
		return err
	})
	return results, err
}

// settleSome leaves some outcomes, as a backend does of which a server is down.
func (b *distant) settleSome(ctx context.Context, c contract.Consumer, outcomes []contract.Outcome) (contract.Results, error) {
	left := &contract.UnsettledError{Err: errors.New("a server is down")}
	results := make(contract.Results, len(outcomes))
	for i := range outcomes {
		if b.leaves(number(outcomes[i].Delivery)) {
			left.Outcomes, results[i] = append(left.Outcomes, i), contract.ResultLost
			continue
		}
		one, err := c.Settle(ctx, outcomes[i:i+1])
		if err != nil {
			return nil, err
		}
		b.note(outcomes[i:i+1], one)
		results[i] = one.At(0)
	}
	if len(left.Outcomes) > 0 {
		return results, left
	}
	return results, nil
}

func (b *distant) extendNoted(ctx context.Context, c contract.Consumer, ds []*contract.Delivery) ([]*contract.Delivery, error) {
	b.mu.Lock()
	for _, d := range ds {
		b.renewed[number(d)]++
	}
	b.mu.Unlock()
	return c.Extend(ctx, ds)
}

func (b *distant) fetchSlowly(ctx context.Context, c contract.Consumer, limit int) ([]contract.Delivery, error) {
	if b.fetch > 0 {
		time.Sleep(b.fetch)
	}
	ds, err := c.Fetch(ctx, limit)
	if err == nil {
		b.mu.Lock()
		b.fetches++
		b.mu.Unlock()
	}
	return ds, err
}

func (b *distant) began(n, dead int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls += n
	b.burying += dead
	b.settles += max(n, 0)
	b.most = max(b.most, b.calls)
}

// busy reports whether a settle is under way, and whether one with a dead letter is.
func (b *distant) busy() (settling, burying bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls > 0, b.burying > 0
}

func (b *distant) note(outcomes []contract.Outcome, results contract.Results) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range outcomes {
		if results.IsApplied(i) {
			b.settled = append(b.settled, number(outcomes[i].Delivery))
		}
	}
}

// numbers returns the events that are settled.
func (b *distant) numbers() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.settled)
}

// number returns which event of the test a delivery is: its key says.
func number(d *contract.Delivery) int { return numberOf(d.Key) }

func numberOf(key string) (n int) {
	fmt.Sscan(key, &n)
	return n
}

// rig runs one organ over a distant backend in virtual time.
type rig struct {
	*necro.Spine
	b       *distant
	running sync.Mutex   // guards ran, where several workers run
	ran     []int        // in the order in which they were started
	during  atomic.Int64 // of them while a settle was under way
	burial  atomic.Int64 // of them while a settle with a dead letter was under way
}

// behind is how many events it takes until a batch has 64 of them: batches grow from 1.
const behind = 1 + 2 + 4 + 8 + 16 + 32 + 64

// inTurn runs a test with events from 0, which the handler takes by their number.
func inTurn(t *testing.T, events int, policy contract.Policy, handle func(ctx context.Context, n int) error, test func(t *testing.T, r *rig), options ...necro.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{b: newDistant()}
		o := &organ{name: "a", policy: policy, handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			n := numberOf(m.Key)
			r.running.Lock()
			r.ran = append(r.ran, n)
			r.running.Unlock()
			settling, burying := r.b.busy()
			if settling {
				r.during.Add(1)
			}
			if burying {
				r.burial.Add(1)
			}
			if handle == nil {
				return nil
			}
			return handle(ctx, n)
		}}
		log := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}))
		var err error
		r.Spine, err = necro.New(r.b, append([]necro.Option{necro.WithOrgans(o), necro.WithLogger(log)}, options...)...)
		if err != nil {
			t.Fatal(err)
		}
		for n := range events {
			if err := r.Publish(t.Context(), &ping{}, necro.WithKey(fmt.Sprint(n))); err != nil {
				t.Fatal(err)
			}
		}
		test(t, r)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// slowly lets every settle take d.
func (b *distant) slowly(d time.Duration) {
	b.settle = func(_ context.Context, _ int, settle func() error) error {
		time.Sleep(d)
		return settle()
	}
}

// stall lets a settle of a large batch, and of those only the first, take d.
func (b *distant) stall(d time.Duration) {
	stalled := false
	b.settle = func(_ context.Context, n int, settle func() error) error {
		if n >= 64 && !stalled {
			stalled = true
			time.Sleep(d)
		}
		return settle()
	}
}

// leftovers fails the test unless all that is stored is ready.
func (r *rig) leftovers(t *testing.T, ready int) {
	t.Helper()
	o := r.b.Health(t.Context()).Organs[0]
	if o.Ready != ready || o.Leased+o.Scheduled+o.Dead > 0 {
		t.Errorf("left are %+v, want %d ready", o, ready)
	}
}

func (r *rig) drain(t *testing.T) necro.Stats {
	t.Helper()
	stats, err := r.Drain(t.Context())
	if err != nil {
		t.Error(err)
	}
	r.leftovers(t, 0)
	return stats
}

// inOrder fails the test unless a list counts from 0 to n.
func inOrder(t *testing.T, what string, list []int, n int) {
	t.Helper()
	for i := range min(len(list), n) {
		if list[i] != i {
			t.Fatalf("%s: %d comes at %d", what, list[i], i)
		}
	}
	if len(list) != n {
		t.Errorf("%s: %d, want %d", what, len(list), n)
	}
}

// pace is a handler that takes a moment of virtual time.
func pace(context.Context, int) error {
	time.Sleep(10 * time.Microsecond)
	return nil
}

// TestSettleBehind: handlers run while the batch before is settled; one settle at a time,
// in order.
func TestSettleBehind(t *testing.T) {
	const events = 2000
	inTurn(t, events, contract.Policy{}, pace, func(t *testing.T, r *rig) {
		r.b.slowly(time.Millisecond)
		stats := r.drain(t)
		inOrder(t, "ran", r.ran, events)
		inOrder(t, "settled", r.b.numbers(), events)
		if r.b.most != 1 || stats.Handled != events || stats.Lost != 0 {
			t.Errorf("%d settles at a time, %d handled, %d lost", r.b.most, stats.Handled, stats.Lost)
		}
		if n := r.during.Load(); n < events/2 {
			t.Errorf("%d of %d ran during a settle", n, events)
		}
	})
}

// TestEmissionsBehind: what the next batch emits leaves alone what is being settled.
func TestEmissionsBehind(t *testing.T) {
	const events = 1000
	synctest.Test(t, func(t *testing.T) {
		b := newDistant()
		b.slowly(time.Millisecond)
		calls := 0
		writer := (&organ{name: "writer", handle: func(ctx context.Context, _ necro.Event, out *contract.Emissions) error {
			out.Add(&letter{[8]string{fmt.Sprint(calls)}})
			calls++
			return pace(ctx, 0)
		}}).NecroOrgan()
		writer.Routes[0].Emits = []*contract.EventType{&letterType}
		var read []int
		reader := copier{}.NecroOrgan()
		reader.Routes[0].Handle = func(_ context.Context, e necro.Event, _ *contract.Emissions) error {
			read = append(read, numberOf(e.(*letter).lines[0]))
			return nil
		}
		s, err := necro.New(b, necro.WithOrgans(specified{writer}, specified{reader}), necro.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.PublishBatch(t.Context(), slices.Repeat([]necro.Event{&ping{}}, events)); err != nil {
			t.Fatal(err)
		}
		if stats, err := s.Drain(t.Context()); err != nil || stats.Emitted != events {
			t.Errorf("%+v: %v", stats.Counts, err)
		}
		inOrder(t, "read", read, events)
	})
}

// TestExclusiveOrganSettlesBeforeItRuns: its handlers may keep state, and have to know one batch
// again and no more.
func TestExclusiveOrganSettlesBeforeItRuns(t *testing.T) {
	inTurn(t, 1000, contract.Policy{Exclusive: true}, nil, func(t *testing.T, r *rig) {
		r.b.slowly(100 * time.Microsecond)
		r.drain(t)
		if n := r.during.Load(); n > 0 {
			t.Errorf("%d ran during a settle", n)
		}
	})
}

// TestDeadLetterIsSettledBeforeTheNextBatch: it may pause the organ.
func TestDeadLetterIsSettledBeforeTheNextBatch(t *testing.T) {
	poison := func(ctx context.Context, n int) error {
		pace(ctx, n)
		if n%100 == 99 {
			return necro.Permanent(errors.New("poison"))
		}
		return nil
	}
	inTurn(t, 1000, contract.Policy{}, poison, func(t *testing.T, r *rig) {
		r.b.slowly(100 * time.Microsecond)
		if stats, err := r.Drain(t.Context()); err != nil || stats.Dead != 10 {
			t.Errorf("%+v: %v", stats.Counts, err)
		}
		if n := r.burial.Load(); n > 0 || r.during.Load() == 0 {
			t.Errorf("%d ran during a settle of a dead letter, %d during any", n, r.during.Load())
		}
	})
}

// TestFailureIsSettledBeforeWhatItHoldsBack: where order counts, what a failed delivery holds back
// runs when the retry is settled and has succeeded, though acknowledgements are settled behind.
func TestFailureIsSettledBeforeWhatItHoldsBack(t *testing.T) {
	const events = 1000
	for _, order := range []contract.OrderMode{necro.OrderStrict, necro.OrderKey} {
		failed := map[int]bool{}
		flaky := func(_ context.Context, n int) error {
			if n%150 == 149 && !failed[n] {
				failed[n] = true
				return errors.New("not yet")
			}
			return nil
		}
		inTurn(t, events, contract.Policy{Order: order}, flaky, func(t *testing.T, r *rig) {
			r.b.slowly(time.Millisecond)
			stats := r.drain(t)
			if stats.Handled != events || int(stats.Retried) != len(failed) || r.during.Load() == 0 {
				t.Errorf("%+v, %d ran during a settle", stats.Counts, r.during.Load())
			}
			if order == necro.OrderStrict {
				inOrder(t, "ran", slices.Compact(r.ran), events)
			}
		})
	}
}

// TestRoundTripsDoNotMakeBatchesSmall: a backlog is handled in few calls, however long a call takes.
func TestRoundTripsDoNotMakeBatchesSmall(t *testing.T) {
	const events = 20_000
	for _, concurrency := range []int{1, 8} {
		for _, order := range []contract.OrderMode{necro.OrderFirstAttempts, necro.OrderKey} {
			inTurn(t, events, contract.Policy{Concurrency: concurrency, Order: order}, nil, func(t *testing.T, r *rig) {
				r.b.fetch = 20 * time.Millisecond
				r.b.slowly(20 * time.Millisecond)
				if stats := r.drain(t); stats.Handled != events {
					t.Errorf("%+v", stats.Counts)
				}
				// 157 batches of 128, which is what memory hands out, and those that grow to it. Calls of Settle gather what comes meanwhile.
				if most := 200; r.b.fetches > most || r.b.settles > most || r.b.most != 1 {
					t.Errorf("concurrency %d, order %v: %d fetches and %d settles, %d at a time; want at most %d each", concurrency, order, r.b.fetches, r.b.settles, r.b.most, most)
				}
			})
		}
	}
}

// TestSettleBehindFails: a settle that fails, or whose reply is lost, is repeated, and what
// comes after it waits.
func TestSettleBehindFails(t *testing.T) {
	down := errors.New("down")
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("lost=%v", lost), func(t *testing.T) {
			inTurn(t, 1000, contract.Policy{}, pace, func(t *testing.T, r *rig) {
				calls := 0
				r.b.settle = func(_ context.Context, n int, settle func() error) error {
					time.Sleep(100 * time.Microsecond)
					if n >= 64 {
						calls++
					}
					if n < 64 || calls%3 == 0 {
						return settle()
					}
					if lost {
						return errors.Join(settle(), down)
					}
					return down
				}
				stats := r.drain(t)
				inOrder(t, "ran", r.ran, 1000)
				inOrder(t, "settled", r.b.numbers(), 1000)
				if stats.Handled != 1000 || stats.Lost != 0 || r.b.most != 1 || r.during.Load() == 0 {
					t.Errorf("%+v, %d settles at a time, %d handled meanwhile", stats.Counts, r.b.most, r.during.Load())
				}
			})
		})
	}
}

// TestWhatIsLeftIsSettledLater: while a server of the backend is down, outcomes of the others are settled and
// new events run. What was left is settled once it is back, in order, and its leases are renewed meanwhile.
func TestWhatIsLeftIsSettledLater(t *testing.T) {
	const events, down = 2000, time.Minute
	inTurn(t, events, contract.Policy{}, nil, func(t *testing.T, r *rig) {
		begin := time.Now()
		odd := func(n int) bool { return n%2 == 1 }
		r.b.leaves = func(n int) bool { return odd(n) && time.Since(begin) < down }
		time.AfterFunc(down/2, func() {
			if numbers := r.b.numbers(); len(numbers) != events/2 || slices.ContainsFunc(numbers, odd) {
				t.Errorf("while a server is down %d of %d outcomes of the others are settled", len(numbers), events/2)
			}
		})
		stats := r.drain(t)
		if stats.Handled != events || stats.Lost != 0 || len(r.ran) != events || r.b.renewed[1] == 0 {
			t.Errorf("%+v, %d calls of the handler, the lease of what was left was renewed %d times", stats.Counts, len(r.ran), r.b.renewed[1])
		}
		numbers := r.b.numbers()
		if late := slices.DeleteFunc(slices.Clone(numbers), func(n int) bool { return !odd(n) }); len(numbers) != events || !slices.IsSorted(late) {
			t.Errorf("%d are settled; those that were left not in their order", len(numbers))
		}
	})
}

// TestStopGivesUpWhatIsLeft: Run waits for a server that is down no longer than it waits for handlers.
func TestStopGivesUpWhatIsLeft(t *testing.T) {
	inTurn(t, 10, contract.Policy{}, nil, func(t *testing.T, r *rig) {
		r.b.leaves = func(n int) bool { return n == 3 }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
		r.leftovers(t, 1)
	})
}

// TestSettleBehindGivesUp: a backend that stays away ends the run.
func TestSettleBehindGivesUp(t *testing.T) {
	inTurn(t, 1000, contract.Policy{}, nil, func(t *testing.T, r *rig) {
		down := false
		r.b.settle = func(_ context.Context, n int, settle func() error) error {
			if down = down || n >= 64; down {
				return errors.New("down")
			}
			return settle()
		}
		if err := r.Run(t.Context()); !errors.Is(err, necro.ErrBackendUnavailable) {
			t.Error(err)
		}
		inOrder(t, "settled", r.b.numbers(), len(r.b.numbers()))
	}, necro.WithMaxBackendFailures(5))
}

// TestStopSettlesBehind: Run returns when what ran is settled, and the rest handed back.
func TestStopSettlesBehind(t *testing.T) {
	inTurn(t, behind+500, contract.Policy{}, nil, func(t *testing.T, r *rig) {
		r.b.stall(10 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
		inOrder(t, "settled", r.b.numbers(), len(r.ran))
		if len(r.ran) <= behind {
			t.Errorf("%d ran: none during the settle", len(r.ran))
		}
		r.leftovers(t, behind+500-len(r.ran))
	})
}

// TestStopWaitsForSettleBehind: with nothing else to do, too, but not for ever.
func TestStopWaitsForSettleBehind(t *testing.T) {
	inTurn(t, behind, contract.Policy{}, nil, func(t *testing.T, r *rig) {
		r.b.stall(10 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
		inOrder(t, "settled", r.b.numbers(), behind)
	})
}

// TestStopGivesUpBehind: a settle that hangs does not hold Run for ever, nor does a handler
// that ignores its context meanwhile.
func TestStopGivesUpBehind(t *testing.T) {
	hang := func(_ context.Context, n int) error {
		if n == behind+3 {
			time.Sleep(time.Hour)
		}
		return nil
	}
	inTurn(t, 200, contract.Policy{}, hang, func(t *testing.T, r *rig) {
		r.b.settle = func(ctx context.Context, n int, settle func() error) error {
			if n < 64 && ctx.Err() == nil {
				return settle()
			}
			<-ctx.Done()
			return ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := r.Run(ctx); err != nil || time.Since(start) > time.Minute {
			t.Error(time.Since(start), err)
		}
		inOrder(t, "settled", r.b.numbers(), len(r.b.numbers()))
		time.Sleep(time.Hour) // the handler returns, and finds nobody
	})
}

// TestStepsCountBehind: the limit holds, and all that ran is settled.
func TestStepsCountBehind(t *testing.T) {
	for _, limit := range []int{behind, behind + 1, behind + 128} {
		inTurn(t, 1000, contract.Policy{}, nil, func(t *testing.T, r *rig) {
			r.b.slowly(time.Millisecond)
			if err := r.Run(t.Context()); !errors.Is(err, necro.ErrMaxSteps) {
				t.Error(err)
			}
			inOrder(t, "settled", r.b.numbers(), limit)
			r.leftovers(t, 1000-limit)
		}, necro.WithMaxSteps(limit))
	}
}

// TestAbandonedBehind: a handler of the next batch that ignores its context is abandoned when
// what is behind is settled.
func TestAbandonedBehind(t *testing.T) {
	const stuck = behind + 3
	policy := contract.Policy{Timeout: 10 * time.Millisecond, Retry: 1, OnFail: necro.Drop}
	handle := func(_ context.Context, n int) error {
		if n == stuck {
			time.Sleep(20 * time.Second)
		}
		return nil
	}
	inTurn(t, 1000, policy, handle, func(t *testing.T, r *rig) {
		r.b.stall(5 * time.Second)
		stats := r.drain(t)
		inOrder(t, "settled", r.b.numbers(), 1000)
		if stats.Abandoned != 1 || stats.Dropped != 1 || stats.Handled != 999 || r.b.most != 1 {
			t.Errorf("%+v", stats.Counts)
		}
	}, necro.WithGrace(10*time.Millisecond))
}

// TestGoexitBehind: a handler that ends its goroutine leaves the settle alone.
func TestGoexitBehind(t *testing.T) {
	exited := false
	handle := func(_ context.Context, n int) error {
		if n == behind+3 && !exited {
			exited = true
			runtime.Goexit()
		}
		return nil
	}
	inTurn(t, 1000, contract.Policy{}, handle, func(t *testing.T, r *rig) {
		r.b.slowly(time.Millisecond)
		stats := r.drain(t)
		if stats.Handled != 1000 || stats.Retried != 1 || stats.Lost != 0 || r.b.most != 1 {
			t.Errorf("%+v", stats.Counts)
		}
	})
}

// TestSlowBehind: what is finished behind a slow handler is settled as soon as the batch
// before is.
func TestSlowBehind(t *testing.T) {
	const slow = behind + 3
	handle := func(_ context.Context, n int) error {
		if n == slow {
			time.Sleep(2 * time.Minute)
		}
		return nil
	}
	inTurn(t, 200, contract.Policy{}, handle, func(t *testing.T, r *rig) {
		r.b.stall(time.Minute)
		go func() {
			time.Sleep(time.Minute - time.Millisecond)
			synctest.Wait()
			if n := len(r.b.numbers()); n >= behind {
				t.Errorf("%d settled while the settle stalls", n)
			}
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			inOrder(t, "settled", r.b.numbers(), slow)
		}()
		r.drain(t)
	})
}

// TestLeasesBehindAreKept: a settle may take longer than the lease.
func TestLeasesBehindAreKept(t *testing.T) {
	inTurn(t, 1000, contract.Policy{}, nil, func(t *testing.T, r *rig) {
		r.b.stall(time.Minute)
		stats := r.drain(t)
		inOrder(t, "ran", r.ran, 1000)
		if stats.Handled != 1000 || stats.Lost != 0 || r.b.renewed[behind-1] < 10 {
			t.Errorf("%d handled, %d lost, %d times renewed", stats.Handled, stats.Lost, r.b.renewed[behind-1])
		}
	}, necro.WithLease(3*time.Second))
}

// BenchmarkSettleBehind has a backend whose settle takes as long as the handlers of the
// batch. Behind the next batch an event takes 0.55 of the time that it takes ahead of it, and
// with a single processor 0.5.
func BenchmarkSettleBehind(b *testing.B) {
	b.Run("behind", func(b *testing.B) { settleSlowly(b, false) })
	b.Run("ahead", func(b *testing.B) { settleSlowly(b, true) })
}

// settleSlowly runs handlers of 2 µs.
func settleSlowly(b *testing.B, exclusive bool) {
	const each = 2 * time.Microsecond
	f := newFar(b, b.N)
	f.settle = each
	spec := copier{}.NecroOrgan()
	spec.Policy.Exclusive = exclusive
	spec.Routes[0].Handle = func(context.Context, necro.Event, *contract.Emissions) error {
		for start := time.Now(); time.Since(start) < each; {
		}
		return nil
	}
	handleBytes(b, f, specified{spec})
}

type specified struct{ spec contract.OrganSpec }

func (s specified) NecroOrgan() contract.OrganSpec { return s.spec }
