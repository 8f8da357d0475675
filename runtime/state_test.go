package necro_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// tally is the state of the tests: the numbers of the events that were handled, in order.
type tally struct{ text string }

var tallyType = contract.StateType{
	Name: "TALLY", Organ: "counter", Version: 2, TTL: 0,
	New:      func() contract.State { return new(tally) },
	Previous: &oldTallyType,
}

func (s *tally) NecroState() *contract.StateType { return &tallyType }

func (s *tally) Validate() error {
	if strings.HasSuffix(s.text, "invalid ") {
		return errors.New("TALLY is invalid")
	}
	return nil
}

func (s *tally) AppendMsgpack(b []byte) ([]byte, error) { return wire.AppendString(b, s.text), nil }

func (s *tally) ReadMsgpack(b []byte) ([]byte, error) {
	in := wire.Copy(b)
	rest, err := wire.ReadString(in, &s.text)
	return wire.Rest(b, in, rest, err)
}

// oldTally is the version before, whose text ends with an x.
type oldTally struct{ tally }

var oldTallyType = contract.StateType{
	Name: "TALLY", Organ: "counter", Version: 1,
	New: func() contract.State { return new(oldTally) },
	Upcast: func(s contract.State) (contract.State, error) {
		return &tally{strings.TrimSuffix(s.(*oldTally).text, "x")}, nil
	},
}

func (s *oldTally) NecroState() *contract.StateType { return &oldTallyType }

// counter is an organ that keeps a tally for each key. Its handler is called with the number of the event.
type counter struct {
	policy contract.Policy
	handle func(ctx context.Context, s *tally, number string, out *contract.Emissions) error
}

func (c *counter) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "counter", Path: "test", Policy: c.policy, State: &tallyType, Routes: []contract.Route{{
		Event: &pingType, Method: "Handle", State: true, Emits: []*contract.EventType{&pingType},
		Handle: func(ctx context.Context, _ contract.Event, out *contract.Emissions) error {
			m, _ := necro.MetaFrom(ctx)
			return c.handle(ctx, out.State.(*tally), m.Headers["n"], out)
		},
	}}}
}

// addNumber appends the number of the event.
func addNumber(_ context.Context, s *tally, number string, _ *contract.Emissions) error {
	s.text += number + " "
	return nil
}

// numbersUpTo is the tally of events with the numbers from 0 on.
func numbersUpTo(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d ", i)
	}
	return b.String()
}

// stateSpine returns a spine that runs the counter over a backend.
func stateSpine(t *testing.T, b necro.Backend, c *counter) *necro.Spine {
	t.Helper()
	s, err := necro.New(b, necro.WithOrgans(c), necro.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// publishNumbers publishes events of a key with the numbers from 0 on.
func publishNumbers(t *testing.T, s *necro.Spine, key string, numbers int) {
	t.Helper()
	for n := range numbers {
		if err := s.Publish(t.Context(), &ping{}, necro.WithKey(key), necro.WithHeader("n", strconv.Itoa(n))); err != nil {
			t.Fatal(err)
		}
	}
}

// drainState works off all that is stored.
func drainState(t *testing.T, s *necro.Spine) {
	t.Helper()
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// wantTally wants the stored tally of a key to be this.
func wantTally(t *testing.T, s *necro.Spine, key, want string) {
	t.Helper()
	got, found, err := necro.Load[tally](t.Context(), s, key)
	if err != nil || got.text != want || found != (want != "") {
		t.Errorf("key %s: %.200q, found %t, error %v, want %q", key, got.text, found, err, want)
	}
}

// TestHandlerSeesWhatTheLastStepLeft counts events of several keys, one after the other and several keys at a time.
func TestHandlerSeesWhatTheLastStepLeft(t *testing.T) {
	for _, concurrency := range []int{1, 4} {
		t.Run(fmt.Sprint("concurrency ", concurrency), func(t *testing.T) {
			s := stateSpine(t, memory.New(), &counter{contract.Policy{Concurrency: concurrency}, addNumber})
			for k := range 20 {
				publishNumbers(t, s, fmt.Sprint("key", k), 50)
			}
			drainState(t, s)
			for k := range 20 {
				wantTally(t, s, fmt.Sprint("key", k), numbersUpTo(50))
			}
			wantTally(t, s, "none", "")
		})
	}
}

// TestFailureLeavesTheStateAlone lets handlers change the state and fail, by an error and by a panic.
func TestFailureLeavesTheStateAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := map[string]int{}
		s := stateSpine(t, memory.New(), &counter{contract.Policy{Retry: 3, BackoffMin: time.Second, BackoffMax: time.Second}, func(ctx context.Context, s *tally, n string, out *contract.Emissions) error {
			if failed[n]++; failed[n] < 3 {
				s.text += "failed "
				if failed[n] == 2 {
					panic("not yet")
				}
				return errors.New("not yet")
			}
			return addNumber(ctx, s, n, out)
		}})
		publishNumbers(t, s, "k", 5)
		drainState(t, s)
		wantTally(t, s, "k", numbersUpTo(5))
	})
}

// overtaken is a memory backend over which the settle of one event finds that its state has changed.
type overtaken struct {
	*memory.Backend
	number string // of the event
	strike func(o *contract.Outcome)

	mu        sync.Mutex
	conflicts int
}

func (b *overtaken) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	consumers, err := b.Backend.Subscribe(ctx, subs)
	for i := range consumers {
		consumers[i] = &overtakenConsumer{consumers[i], b}
	}
	return consumers, err
}

type overtakenConsumer struct {
	contract.Consumer
	b *overtaken
}

func (c *overtakenConsumer) Settle(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	for i := range outcomes {
		if o := &outcomes[i]; o.Delivery.Headers["n"] == c.b.number && o.State != nil && c.b.strike != nil {
			c.b.strike(o)
			c.b.strike = nil
		}
	}
	results, err := c.Consumer.Settle(ctx, outcomes)
	for i := range outcomes {
		if results.At(i) == contract.ResultConflict {
			c.b.conflicts++
		}
	}
	return results, err
}

// TestConflictRunsAgain lets the settle of one event conflict. It runs again on the state that is stored, before all later
// events of its key, and spends no attempt; events of other keys are not touched.
func TestConflictRunsAgain(t *testing.T) {
	for _, concurrency := range []int{1, 4} {
		t.Run(fmt.Sprint("concurrency ", concurrency), func(t *testing.T) {
			b := &overtaken{Backend: memory.New(), number: "7", strike: func(o *contract.Outcome) { o.State.Read++ }}
			var mu sync.Mutex
			calls, attempts := 0, 0
			s := stateSpine(t, b, &counter{contract.Policy{Concurrency: concurrency}, func(ctx context.Context, s *tally, n string, out *contract.Emissions) error {
				m, _ := necro.MetaFrom(ctx)
				mu.Lock()
				calls++
				attempts = max(attempts, m.Attempt)
				mu.Unlock()
				return addNumber(ctx, s, n, out)
			}})
			for _, key := range []string{"a", "b", "c"} {
				publishNumbers(t, s, key, 30)
			}
			drainState(t, s)
			for _, key := range []string{"a", "b", "c"} {
				wantTally(t, s, key, numbersUpTo(30))
			}
			if b.conflicts == 0 || calls <= 90 || attempts != 1 {
				t.Errorf("%d conflicts, %d calls of 90 events, up to attempt %d", b.conflicts, calls, attempts)
			}
		})
	}
}

// TestConflictIsNotPassed lets a settle conflict while the handler of the next event of its key is slow, and that one is
// given up: it leaves no state that those behind it could run on. They run behind the one that has to run again.
func TestConflictIsNotPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &overtaken{Backend: memory.New(), number: "7", strike: func(o *contract.Outcome) { o.State.Read++ }}
		var ran []string
		s := stateSpine(t, b, &counter{contract.Policy{}, func(ctx context.Context, s *tally, n string, out *contract.Emissions) error {
			ran = append(ran, n)
			if n == "8" {
				time.Sleep(50 * time.Millisecond) // the outcomes in front of it are settled meanwhile
				return necro.Permanent(errors.New("given up"))
			}
			return addNumber(ctx, s, n, out)
		}})
		publishNumbers(t, s, "k", 12)
		drainState(t, s)
		wantTally(t, s, "k", "0 1 2 3 4 5 6 7 9 10 11 ")
		if want := strings.Fields(numbersUpTo(9) + "7 9 10 11"); b.conflicts == 0 || !slices.Equal(ran, want) {
			t.Errorf("%d conflicts; ran %v, want %v", b.conflicts, ran, want)
		}
	})
}

// TestStateOfAnOlderVersion reads a record of the version before, and leaves one that is newer to another program.
func TestStateOfAnOlderVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		version, value := 1, wire.AppendString(nil, "first x")
		b := &overtaken{Backend: memory.New(), number: "0", strike: func(o *contract.Outcome) { o.State.Version, o.State.Value = version, value }}
		s := stateSpine(t, b, &counter{contract.Policy{}, addNumber})
		publishNumbers(t, s, "k", 1)
		drainState(t, s)
		s = stateSpine(t, b, &counter{contract.Policy{}, addNumber}) // without a cache
		publishNumbers(t, s, "k", 1)
		drainState(t, s)
		wantTally(t, s, "k", "first 0 ")

		b.strike = func(o *contract.Outcome) { o.State.Version = 3 }
		publishNumbers(t, s, "k", 1)
		drainState(t, s)
		s = stateSpine(t, b, &counter{contract.Policy{}, addNumber})
		publishNumbers(t, s, "k", 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drain: %v, want the event to wait", err)
		}
		if h := b.Health(t.Context()); h.Organs[0].Scheduled != 1 || h.Organs[0].Dead != 0 {
			t.Errorf("an unknown version is not declined: %+v", h.Organs[0])
		}
		if _, _, err := necro.Load[tally](t.Context(), s, "k"); err == nil || !strings.Contains(err.Error(), "does not know version 3") {
			t.Errorf("load of an unknown version: %v", err)
		}
	})
}

// TestInvalidStateIsGivenUp lets a handler leave a state that breaks its rules: the delivery becomes a dead letter, and the
// record stays as it was.
func TestInvalidStateIsGivenUp(t *testing.T) {
	b := memory.New()
	s := stateSpine(t, b, &counter{contract.Policy{}, func(ctx context.Context, s *tally, n string, out *contract.Emissions) error {
		if n == "1" {
			n = "invalid"
		}
		return addNumber(ctx, s, n, out)
	}})
	publishNumbers(t, s, "k", 3)
	drainState(t, s)
	wantTally(t, s, "k", "0 2 ")
	letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 10)
	if err != nil || len(letters) != 1 || letters[0].Reason != contract.ReasonState {
		t.Errorf("dead letters: %+v, %v", letters, err)
	}
}

// TestUnreadableStateIsGivenUp plants a record that is no state.
func TestUnreadableStateIsGivenUp(t *testing.T) {
	b := &overtaken{Backend: memory.New(), number: "0", strike: func(o *contract.Outcome) { o.State.Value = []byte{0xc1} }}
	for range 2 {
		s := stateSpine(t, b, &counter{contract.Policy{}, addNumber})
		publishNumbers(t, s, "k", 1)
		drainState(t, s)
		if _, _, err := necro.Load[tally](t.Context(), s, "k"); err == nil {
			t.Error("load of bytes that are no state: no error")
		}
	}
	letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 10)
	if err != nil || len(letters) != 1 || letters[0].Reason != contract.ReasonState {
		t.Errorf("dead letters: %+v, %v", letters, err)
	}
}

// TestEndRemovesTheRecord ends a record and begins it again.
func TestEndRemovesTheRecord(t *testing.T) {
	s := stateSpine(t, memory.New(), &counter{contract.Policy{}, func(ctx context.Context, s *tally, n string, out *contract.Emissions) error {
		out.Ends = n == "2"
		return addNumber(ctx, s, n, out)
	}})
	publishNumbers(t, s, "k", 3)
	publishNumbers(t, s, "other", 2)
	drainState(t, s)
	wantTally(t, s, "k", "")
	publishNumbers(t, s, "k", 1)
	drainState(t, s)
	wantTally(t, s, "k", "0 ")
	wantTally(t, s, "other", "0 1 ")
}

// TestStateNeedsAKey refuses an empty key where the event is published, and where it is emitted.
func TestStateNeedsAKey(t *testing.T) {
	b := memory.New()
	s := stateSpine(t, b, &counter{contract.Policy{}, func(_ context.Context, _ *tally, _ string, out *contract.Emissions) error {
		out.Add(&ping{}) // has no key field
		return nil
	}})
	const want = "PING: its key is empty, and organ counter keeps its state by it"
	if err := s.Publish(t.Context(), &ping{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("publish: %v, want %q", err, want)
	}
	if err := s.PublishBatch(t.Context(), []necro.Event{&ping{}}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("publish a batch: %v, want %q", err, want)
	}
	publishNumbers(t, s, "k", 1)
	drainState(t, s)
	wantTally(t, s, "k", "")
	letters, err := b.DeadLetters(t.Context(), "counter", necro.ID{}, 10)
	if err != nil || len(letters) != 1 || letters[0].Reason != contract.ReasonEmission || !strings.Contains(letters[0].Error, want) {
		t.Errorf("dead letters: %+v, %v", letters, err)
	}
}

// TestStateOfAnotherPackage reads a state whose descriptor names no organ, by a spine that runs it and by one that does not.
func TestStateOfAnotherPackage(t *testing.T) {
	tallyType.Organ = ""
	defer func() { tallyType.Organ = "counter" }()
	b := memory.New()
	s := stateSpine(t, b, &counter{contract.Policy{}, addNumber})
	publishNumbers(t, s, "k", 2)
	drainState(t, s)
	wantTally(t, s, "k", "0 1 ")
	other, err := necro.New(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := necro.Load[tally](t.Context(), other, "k"); err == nil || !strings.Contains(err.Error(), "nothing says which organ keeps it") {
		t.Errorf("load: %v", err)
	}
}

// stateless is a backend that keeps no states.
type stateless struct{ necro.Backend }

// TestBackendWithoutStates refuses an organ with state, and names both.
func TestBackendWithoutStates(t *testing.T) {
	_, err := necro.New(stateless{memory.New()}, necro.WithOrgans(&counter{contract.Policy{}, addNumber}))
	if err == nil || !strings.Contains(err.Error(), "organ counter keeps the state TALLY: this backend keeps no states") {
		t.Errorf("new: %v", err)
	}
	s, err := necro.New(stateless{memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := necro.Load[tally](t.Context(), s, "k"); err == nil || !strings.Contains(err.Error(), "load TALLY: this backend keeps no states") {
		t.Errorf("load: %v", err)
	}
}

// TestAbandonedHandlerLeavesNoState abandons a handler that ignores its context, which changes the state afterwards.
func TestAbandonedHandlerLeavesNoState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := false
		s := stateSpine(t, memory.New(), &counter{contract.Policy{Timeout: time.Second, BackoffMin: time.Minute, BackoffMax: time.Minute}, func(ctx context.Context, s *tally, n string, out *contract.Emissions) error {
			if n == "1" && !hung {
				hung = true
				time.Sleep(45 * time.Second)
				s.text += "late "
			}
			return addNumber(ctx, s, n, out)
		}})
		publishNumbers(t, s, "k", 4)
		drainState(t, s)
		wantTally(t, s, "k", numbersUpTo(4))
	})
}

// TestRangeListsAllRecords lists more records than a page has, and ends early.
func TestRangeListsAllRecords(t *testing.T) {
	const keys = 1201
	s := stateSpine(t, memory.New(), &counter{contract.Policy{}, addNumber})
	wantTally(t, s, "before any organ is bound", "")
	for k := range keys {
		publishNumbers(t, s, fmt.Sprint("key", k), 1)
	}
	drainState(t, s)
	var listed []string
	records, failed := necro.Range[tally](t.Context(), s)
	for key, state := range records {
		if state.text != "0 " {
			t.Errorf("key %s: %q", key, state.text)
		}
		listed = append(listed, key)
	}
	slices.Sort(listed)
	if listed = slices.Compact(listed); failed() != nil || len(listed) != keys {
		t.Errorf("%d records of %d, %v", len(listed), keys, failed())
	}
	n := 0
	for range records {
		if n++; n == 3 {
			break
		}
	}
	if failed() != nil || n != 3 {
		t.Errorf("after %d records: %v", n, failed())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	records, failed = necro.Range[tally](ctx, s)
	for range records {
		t.Error("a closed spine lists a record")
	}
	if !errors.Is(failed(), necro.ErrClosed) {
		t.Errorf("range over a closed spine: %v", failed())
	}
}

// TestCacheOfStatesIsBounded handles keys whose records are larger together than what an organ keeps in memory.
func TestCacheOfStatesIsBounded(t *testing.T) {
	const keys, size = 40, 1 << 20
	loads := &loadCounter{Backend: memory.New()}
	s := stateSpine(t, loads, &counter{contract.Policy{}, func(_ context.Context, s *tally, _ string, _ *contract.Emissions) error {
		s.text += strings.Repeat("x", size/2)
		return nil
	}})
	for range 2 {
		for k := range keys {
			publishNumbers(t, s, fmt.Sprint("key", k), 1)
		}
	}
	drainState(t, s)
	if loads.keys <= keys {
		t.Errorf("%d records were loaded for %d keys that do not fit: the cache has no bound", loads.keys, keys)
	}
	for k := range keys {
		wantTally(t, s, fmt.Sprint("key", k), strings.Repeat("x", size))
	}
}

// loadCounter counts the records that are asked for in calls of LoadStates.
type loadCounter struct {
	*memory.Backend
	keys int
}

func (l *loadCounter) LoadStates(ctx context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	l.keys += len(keys)
	return l.Backend.LoadStates(ctx, organ, keys)
}
