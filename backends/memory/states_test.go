package memory

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestStates compares records with a plain map while they are written, renewed, removed, swept and listed in pages. Records
// that are neither made nor removed between the pages of a list are in it once.
func TestStates(t *testing.T) {
	t.Parallel()
	type kept struct {
		mark  uint64
		until instant
	}
	random := rand.New(rand.NewPCG(5, 6))
	s, want, mark := newStates(), map[string]kept{}, uint64(0)
	for now := instant(1); now < 30_000; now++ {
		key := fmt.Sprint(random.IntN(200))
		clock := func() instant { return now }
		before := s.load(key, clock)
		live, found := want[key]
		found = found && (live.until == 0 || live.until > now)
		if found && before.Mark != live.mark || !found && before.Mark != 0 {
			t.Fatalf("key %s has the mark %d, want %+v", key, before.Mark, live)
		}
		write := contract.StateWrite{Read: before.Mark, Value: []byte(key)}
		if random.IntN(4) > 0 {
			mark++
			write.Write = mark
		}
		if random.IntN(2) == 0 {
			write.TTL = time.Duration(1 + random.IntN(300))
		}
		s.write(key, s.find(key, clock), &write, now)
		delete(want, key)
		if write.Write != 0 {
			want[key] = kept{write.Write, 0}
			if write.TTL > 0 {
				want[key] = kept{write.Write, now + instant(write.TTL)}
			}
		}
		if random.IntN(20) == 0 {
			next := s.sweep(now)
			maps.DeleteFunc(want, func(_ string, k kept) bool { return k.until != 0 && k.until <= now })
			if len(s.byKey) != len(want) {
				t.Fatalf("%d records are left by the sweep, want %d", len(s.byKey), len(want))
			}
			for _, k := range want {
				if k.until != 0 && (next == 0 || next > k.until) {
					t.Fatalf("the next sweep is at %d, and a record ends at %d", next, k.until)
				}
			}
		}
		if len(s.inOrder) > 2*len(s.byKey)+fewRemoved {
			t.Fatalf("%d records in order of %d", len(s.inOrder), len(s.byKey))
		}
		if random.IntN(50) == 0 {
			wantListed(t, &s, now, random.IntN(20)+1, len(slices.DeleteFunc(slices.Collect(maps.Values(want)), func(k kept) bool {
				return k.until != 0 && k.until <= now
			})))
		}
	}
}

// wantListed wants pages to list so many records, each once.
func wantListed(t *testing.T, s *states, now instant, limit, count int) {
	t.Helper()
	listed, after := map[string]bool{}, uint64(0)
	for {
		page, last := s.page(after, limit, now)
		if len(page) > limit {
			t.Fatalf("a page of %d has %d records", limit, len(page))
		}
		for _, r := range page {
			if listed[r.Key] || string(r.Value) != r.Key {
				t.Fatalf("key %s is listed twice, or with the value %q", r.Key, r.Value)
			}
			listed[r.Key] = true
		}
		if last == 0 {
			break
		}
		after = last
	}
	if len(listed) != count {
		t.Fatalf("%d records are listed, want %d", len(listed), count)
	}
}

// stateRig is a backend with an organ that keeps states.
type stateRig struct {
	*testing.T
	b     *Backend
	c     contract.Consumer
	event *contract.EventType
}

func newStateRig(t *testing.T, options ...Option) *stateRig {
	r := &stateRig{T: t, b: New(options...), event: &contract.EventType{Name: "EVENT", Version: 1}}
	t.Cleanup(func() { r.b.Close() })
	cs, err := r.b.Subscribe(t.Context(), []contract.Subscription{{
		Organ: "keeper", Path: "example.com/keeper", Events: []*contract.EventType{r.event}, Lease: time.Hour, State: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.c = cs[0]
	return r
}

// step settles a new delivery of a key.
func (r *stateRig) step(key string, state contract.StateWrite, emit ...contract.Message) {
	r.Helper()
	if _, err := r.b.Publish(r.Context(), []contract.Message{{ID: contract.NewID(), Type: r.event, Key: key}}, contract.PublishOptions{}); err != nil {
		r.Fatal(err)
	}
	ds, err := r.c.Fetch(r.Context(), 1)
	if err != nil {
		r.Fatal(err)
	}
	results, err := r.c.Settle(r.Context(), []contract.Outcome{{Delivery: &ds[0], State: &state, Emit: emit}})
	if err != nil || !results.IsApplied(0) {
		r.Fatalf("settle: results %v, error %v", results, err)
	}
}

// records returns how many records the backend has in its memory.
func (r *stateRig) records() (n int) {
	q := r.b.queues["keeper"]
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.states.byKey)
}

// TestStatesGoWhenTheirTimeIsOver wants records to leave the memory by themselves, though nothing asks for them. More of
// them end at once than one sweep takes, and some are renewed again and again.
func TestStatesGoWhenTheirTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newStateRig(t)
		const many = 3*promoteAtOnce + 1
		for n := range many {
			r.step(fmt.Sprint(n), contract.StateWrite{Write: uint64(n + 1), TTL: time.Minute})
		}
		r.step("renewed", contract.StateWrite{Write: many + 1, TTL: time.Minute})
		r.step("lasting", contract.StateWrite{Write: many + 2})
		for n := range 10 {
			time.Sleep(30 * time.Second)
			r.step("renewed", contract.StateWrite{Read: uint64(many + 1 + 2*n), Write: uint64(many + 3 + 2*n), TTL: time.Minute})
		}
		synctest.Wait()
		if got := r.records(); got != 2 {
			t.Errorf("%d records are kept, want the lasting and the renewed one", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := r.records(); got != 1 {
			t.Errorf("%d records are kept, want the lasting one", got)
		}
		if q := r.b.queues["keeper"]; q.states.ends.len() != 0 || len(q.states.inOrder) > 1+2*fewRemoved {
			t.Errorf("%d ends and %d records in order are kept of one", q.states.ends.len(), len(q.states.inOrder))
		}
	})
}

// TestStateOfAnUnencodableEmission: the delivery becomes a dead letter, and its state stays.
func TestStateOfAnUnencodableEmission(t *testing.T) {
	t.Parallel()
	r := newStateRig(t, WithCopy())
	r.step("k", contract.StateWrite{Write: 1})
	r.step("k", contract.StateWrite{Read: 1, Write: 2}, contract.Message{ID: contract.NewID(), Type: r.event, Event: unencodable{}})
	records, err := r.b.LoadStates(t.Context(), "keeper", []string{"k"})
	if err != nil || records[0].Mark != 1 {
		t.Errorf("the record has the mark %d, error %v, want the first one", records[0].Mark, err)
	}
	if letters, err := r.b.DeadLetters(t.Context(), "keeper", contract.ID{}, 10); err != nil || len(letters) != 1 {
		t.Errorf("%d dead letters, error %v, want 1", len(letters), err)
	}
}

// unencodable is an event that cannot be encoded.
type unencodable struct{ contract.Event }

func (unencodable) AppendMsgpack([]byte) ([]byte, error) {
	return nil, errors.New("it cannot be encoded")
}
