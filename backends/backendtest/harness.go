package backendtest

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Harness says how the suite gets at a backend.
type Harness struct {
	// Open returns an empty backend. The suite closes it; Open cleans up its server or files, with
	// tb.Cleanup. Required.
	Open func(tb testing.TB) contract.Backend
	// OpenLimit returns an empty backend that holds at most limit deliveries, for the tests
	// of a full backend. It is nil when the backend has no such limit.
	OpenLimit func(tb testing.TB, limit int) contract.Backend
	// Attach returns another backend on the store of b, as another process would open it.
	// It is nil when processes cannot share the store; then b stands for itself.
	Attach func(tb testing.TB, b contract.Backend) contract.Backend
	// Virtual runs each test in a testing/synctest bubble. Set it when all goroutines of
	// the backend start and end with the backend, and wait on nothing outside the process.
	Virtual bool
	// Unit is the shortest wait that tests tell from none. Zero is 20ms, or more where the
	// machine is so loaded that it wakes goroutines late. Leases last 10 units, so a slow or
	// distant engine needs a longer one.
	Unit time.Duration
	// Pack is the pack size of the organs of the Seam tests; 0 is the backend's default. A
	// backend that packs sets 1: what one consumer fetched of a pack, others cannot have.
	Pack int
	// Seed makes a run of the fault tests repeatable. Zero takes a fresh one, which is logged.
	Seed uint64
	// Lacks names the traits that the engine does not have. The suite skips the tests that ask for
	// one of them, and wants an organ that does to be refused.
	Lacks []Trait
}

// Run runs the whole suite, or only the groups that are named.
func Run(t *testing.T, h Harness, groups ...Group) {
	if h.Open == nil {
		t.Fatal("backendtest: Harness.Open is required")
	}
	if h.Unit == 0 {
		h.Unit = shortestUnit
		if !h.Virtual {
			h.Unit = min(20*shortestUnit, max(shortestUnit, 8*wakeUpDelay()))
		}
	}
	inSpine := h
	inSpine.Pack = 0 // as the organs of a spine have it
	h.runGroup(t, Seam, groups, seamTests)
	inSpine.runGroup(t, Spine, groups, spineTests)
	inSpine.runGroup(t, Faults, groups, faultTests)
}

// runGroup runs the tests of a group, unless only others are wanted.
func (h Harness) runGroup(t *testing.T, group Group, wanted []Group, tests func() []test) {
	if len(wanted) == 0 || slices.Contains(wanted, group) {
		t.Run(string(group), func(t *testing.T) { h.run(t, tests()) })
	}
}

const shortestUnit = 20 * time.Millisecond

// wakeUpDelay returns how late this machine wakes a goroutine that sleeps: the worst of some naps.
func wakeUpDelay() (worst time.Duration) {
	const nap = 5 * time.Millisecond
	for range 20 {
		start := time.Now()
		time.Sleep(nap)
		worst = max(worst, time.Since(start)-nap)
	}
	return worst
}

// test is one promise, and the function that holds a backend to it.
type test struct {
	name string
	run  func(*env)
}

func (h Harness) run(t *testing.T, tests []test) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if h.Virtual {
				synctest.Test(t, func(t *testing.T) { h.runOne(t, tt) })
				return
			}
			h.runOne(t, tt)
		})
	}
}

// runOne bounds a test in time: a promise that is broken by waiting for ever is reported
// as a failure of its own test.
func (h Harness) runOne(t *testing.T, tt test) {
	limit := 30 * time.Second
	if h.Virtual { // its bubble may not ask for the deadline
		limit = time.Hour // more than any test waits, and polled through in a second
	} else if deadline, ok := t.Deadline(); ok { // a loaded machine is given a long -timeout
		limit = max(limit, min(3*time.Minute, time.Until(deadline)/4))
	}
	ctx, cancel := context.WithTimeout(context.Background(), max(limit, 1000*h.Unit))
	e := &env{T: t, h: h, ctx: ctx, began: time.Now()}
	t.Cleanup(cancel) // last, so that what the test opened closes while ctx is alive
	tt.run(e)
}

// env is what a test works with.
type env struct {
	*testing.T
	h   Harness
	ctx context.Context // bounds the whole test

	began time.Time
}

// units returns n units of time.
func (e *env) units(n int) time.Duration { return time.Duration(n) * e.h.Unit }

// wantQuick wants no call to wait that began so long ago. Only virtual time is exact: a loaded machine stops a process for seconds.
func (e *env) wantQuick(what string, since time.Time, limit time.Duration) {
	e.Helper()
	if !e.h.Virtual {
		limit = max(limit, 10*time.Second)
	}
	if took := time.Since(since); took > limit {
		e.Errorf("%s took %v", what, took)
	}
}

// wantInTest wants a time within this test. Clocks may differ by some seconds.
func (e *env) wantInTest(what string, at time.Time) {
	e.Helper()
	const differ = 5 * time.Second
	if at.Before(e.began.Add(-differ)) || at.After(time.Now().Add(differ)) {
		e.Errorf("%s at %v, in a test that began at %v", what, at, e.began)
	}
}

// lease is how long test organs lease their deliveries.
func (e *env) lease() time.Duration { return e.units(10) }

func (e *env) open() contract.Backend {
	e.Helper()
	return e.closing(e.h.Open(e))
}

func (e *env) openLimit(limit int) contract.Backend {
	e.Helper()
	if e.h.OpenLimit == nil {
		e.Skip("the backend has no limit")
	}
	return e.closing(e.h.OpenLimit(e, limit))
}

// attachProcess returns what another process would work with: a backend on the same store.
func (e *env) attachProcess(b contract.Backend) contract.Backend {
	e.Helper()
	if e.h.Attach == nil {
		return b
	}
	return e.closing(e.h.Attach(e, b))
}

func (e *env) closing(b contract.Backend) contract.Backend {
	e.Cleanup(func() { b.Close() })
	return b
}

// ok ends the test when err is not nil.
func (e *env) ok(err error, doing string) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v", doing, err)
	}
}

// until polls until a condition is true.
func (e *env) until(what string, cond func() bool) {
	e.Helper()
	for !cond() {
		if e.ctx.Err() != nil {
			e.Fatalf("never came true: %s", what)
		}
		time.Sleep(e.h.Unit / 4)
	}
}

// wait lets time pass, where a test is about time itself.
func (e *env) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-e.ctx.Done():
	}
}

// during returns a context that ends after d.
func (e *env) during(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(e.ctx, d)
}

// same compares, and reports both sides.
func same[T comparable](e *env, what string, got, want T) {
	e.Helper()
	if got != want {
		e.Errorf("%s: got %v, want %v", what, got, want)
	}
}
