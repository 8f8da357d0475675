package necrotest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Kit is a topology under test. It is made by Run, and its methods fail the test when they cannot do their work.
type Kit struct {
	// Spine runs the organs. Use it for what the kit has no method for.
	Spine *necro.Spine
	// Backend is where events wait.
	Backend *memory.Backend

	t     *testing.T
	r     *recorder
	start time.Time

	mu    sync.Mutex
	calls []Call
}

// Call is one call of a handler.
type Call struct {
	necro.Meta
	Event necro.Event
	// Err is what the handler returned. A panic shows as Panicked.
	Err      error
	Panicked bool
	// After is the virtual time from the start of the test to the start of the call.
	After time.Duration
}

// Run runs a test of a topology in a bubble of virtual time (testing/synctest): time
// passes only when everything waits, and then at once. So a retry after 30 s is tested in
// no time, and After of a Call is exact. Options are those of necro.New; logs are
// discarded unless one of them sets a logger.
//
// Time cannot pass while a goroutine of the test waits for something real, such as a connection to an
// httptest.Server: Run then ends the process with the stack of that goroutine. What the test has
// opened must be closed when it ends, a *sql.DB for instance.
func Run(t *testing.T, test func(t *testing.T, k *Kit), options ...necro.Option) {
	t.Helper()
	inBubble(t, func(t *testing.T) {
		backend := memory.New(memory.WithCopy())
		k := &Kit{Backend: backend, t: t, r: &recorder{Backend: backend}, start: time.Now()}
		options := append([]necro.Option{necro.WithLogger(nil), necro.WithMiddleware(k.watchHandler)}, options...)
		s, err := necro.New(k.r, options...)
		if err != nil {
			t.Fatalf("necrotest: %v", err)
		}
		k.Spine = s
		test(t, k)
		if err := s.Close(); err != nil {
			t.Errorf("necrotest: close: %v", err)
		}
	})
}

// watchHandler notes every handler call.
func (k *Kit) watchHandler(next necro.HandlerFunc) necro.HandlerFunc {
	return func(ctx context.Context, e necro.Event) (err error) {
		call := Call{Event: e, After: time.Since(k.start), Panicked: true}
		call.Meta, _ = necro.MetaFrom(ctx)
		defer func() {
			call.Err = err
			k.mu.Lock()
			defer k.mu.Unlock()
			k.calls = append(k.calls, call)
		}()
		err = next(ctx, e)
		call.Panicked = false
		return err
	}
}

// Publish publishes an event.
func (k *Kit) Publish(e necro.Event, options ...necro.PublishOption) {
	k.t.Helper()
	if err := k.Spine.Publish(context.Background(), e, options...); err != nil {
		k.t.Fatalf("necrotest: publish: %v", err)
	}
}

// Drain works until nothing is left, retries included. It leaves delayed events of the future: see Advance.
func (k *Kit) Drain() necro.Stats {
	k.t.Helper()
	stats, err := k.Spine.Drain(context.Background())
	if err != nil {
		k.t.Fatalf("necrotest: drain: %v", err)
	}
	return stats
}

// Advance lets virtual time pass, and runs what becomes due meanwhile: delayed events, ticks of schedules, retries, and all
// that comes of them. A schedule begins with the first Advance or Drain. What becomes due at the end of that time runs, too, and handlers that still run then are waited for.
func (k *Kit) Advance(d time.Duration) {
	k.t.Helper()
	synctest.Wait()        // a Run of the test's own may be about to begin
	if k.Spine.Running() { // the test runs it by itself
		time.Sleep(d)
		synctest.Wait()
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- k.Spine.Run(ctx) }()
	time.Sleep(d)
	synctest.Wait()
	stop()
	if err := <-ended; err != nil {
		k.t.Fatalf("necrotest: advance: %v", err)
	}
}

// Calls returns the calls of an organ's handlers, in the order in which they ended; of all
// organs with an empty name.
func (k *Kit) Calls(organ string) []Call {
	k.mu.Lock()
	defer k.mu.Unlock()
	var calls []Call
	for _, c := range k.calls {
		if organ == "" || c.Organ == organ {
			calls = append(calls, c)
		}
	}
	return calls
}

// DeadLetters returns an organ's dead letters, oldest first.
func (k *Kit) DeadLetters(organ string) []contract.DeadLetter {
	k.t.Helper()
	letters, err := k.Backend.DeadLetters(context.Background(), organ, necro.ID{}, contract.DefaultDeadLetters)
	if err != nil {
		k.t.Fatalf("necrotest: %v", err)
	}
	return letters
}

// Events returns the stored events of one type, published and emitted, in stored order.
func Events[X any, P event[X]](k *Kit) []*X {
	return eventsOf[X, P](k.r, func(*necro.Message) bool { return true })
}
