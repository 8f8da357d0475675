package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// memoryJournal is a journal in memory. The reply to every fifth entry is lost.
type memoryJournal struct {
	start   Checkpoint
	entries []Entry
}

var errLost = errors.New("the reply is lost")

func (j *memoryJournal) Append(_ context.Context, e Entry, due *Checkpoint) error {
	last := j.start.Number
	if n := len(j.entries); n > 0 {
		last = j.entries[n-1].Number
	}
	if e.Number != last+1 {
		return ErrBehind
	}
	j.entries = append(j.entries, e)
	if due != nil {
		j.start = *due
		j.entries = slices.DeleteFunc(j.entries, func(e Entry) bool { return e.Number <= due.Number })
	}
	if e.Number%5 == 0 {
		return errLost
	}
	return nil
}

func (j *memoryJournal) Load(context.Context) (Checkpoint, []Entry, error) {
	return j.start, slices.Clone(j.entries), nil
}

// journaledOrders are n orders and cancels that have passed the gate.
func journaledOrders(n int) (events []necro.Event) {
	flow := newFlow(5, 0)
	for len(events) < n {
		for _, e := range flow.nextEvents(nil) {
			switch e := e.(type) {
			case *OrderSubmitted:
				e.Symbol = "X" // one book, so that a cancel finds its order sooner
				events = append(events, &OrderAccepted{e.Order})
				if len(events)%3 == 0 {
					events = append(events, &CancelAccepted{Cancel{OrderID: e.OrderID, TraderID: e.TraderID, Symbol: "X"}})
				}
			}
		}
	}
	return events[:n]
}

// apply has an event applied until that succeeds.
func apply(t *testing.T, m *Matching, e necro.Event) answer {
	t.Helper()
	for range 3 {
		m.mu.Lock()
		a, err := m.enterEvent(t.Context(), eventID(e), e)
		m.mu.Unlock()
		if err == nil {
			return a
		}
		if !errors.Is(err, errLost) && !errors.Is(err, ErrBehind) {
			t.Fatal(err)
		}
	}
	t.Fatal("not applied in three attempts")
	return answer{}
}

func eventID(e necro.Event) necro.ID {
	payload, _ := e.AppendMsgpack(nil)
	return necro.IDOf(fmt.Sprintf("%s %x", e.NecroEvent().Name, payload))
}

// TestJournal has books that are rebuilt after every few events, by one process after the
// other, and others that are not: the answers are the same, and so are the books. Each process
// is asked again what the one before it was asked last.
func TestJournal(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	const every, lag = 64, 16
	for name, journal := range map[string]Journal{"memory": &memoryJournal{}, "redis": &redisJournal{client}} {
		t.Run(name, func(t *testing.T) {
			plain, kept := NewMatching(nil), NewMatching(journal)
			var answers []answer
			events := journaledOrders(500)
			for i, e := range events {
				if i%13 == 0 {
					kept = NewMatching(journal)
					kept.every, kept.lag = every, lag
					for back := max(0, i-lag); back < i; back++ {
						if got := apply(t, kept, events[back]); !reflect.DeepEqual(got, answers[back]) {
							t.Fatalf("event %d is answered with %+v when it comes again, not with %+v", back, got, answers[back])
						}
					}
				}
				answers = append(answers, apply(t, plain, e))
				if got := apply(t, kept, e); !reflect.DeepEqual(got, answers[i]) {
					t.Fatalf("event %d is answered with %+v, not with %+v", i, got, answers[i])
				}
			}
			if err := kept.Restore(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, want := kept.Snapshots(-1), plain.Snapshots(-1); !reflect.DeepEqual(got, want) || kept.HighestID() != plain.HighestID() {
				t.Errorf("the books are %+v, want %+v", got, want)
			}
			if start, entries, err := journal.Load(t.Context()); start.Number != 448 || len(entries) != 500-448 || err != nil {
				t.Errorf("the journal has %d entries behind %d, %v: want 52 behind 448", len(entries), start.Number, err)
			}
		})
	}
}

// TestFormerOwnerWritesNothing has a process go on that was thought dead: what it writes
// comes too late, and then it knows what the other one has written.
func TestFormerOwnerWritesNothing(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	journal := &redisJournal{client}
	former, owner := NewMatching(journal), NewMatching(journal)
	events := journaledOrders(4)
	apply(t, former, events[0])
	apply(t, owner, events[1])
	former.mu.Lock()
	_, err := former.enterEvent(t.Context(), eventID(events[2]), events[2])
	former.mu.Unlock()
	if !errors.Is(err, ErrBehind) {
		t.Errorf("wrote: %v", err)
	}
	if got, want := apply(t, former, events[1]), apply(t, owner, events[1]); !reflect.DeepEqual(got, want) {
		t.Errorf("answered %+v, want %+v", got, want)
	}
	if n := client.XLen(t.Context(), entriesKey).Val(); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
}

// TestJournalWithGap holds that books are not made up when entries are gone.
func TestJournalWithGap(t *testing.T) {
	journal := &memoryJournal{entries: []Entry{{2, necro.NewID(), &OrderAccepted{limit(1, Buy, 1, 1)}}}}
	err := NewMatching(journal).Restore(t.Context())
	if err == nil || err.Error() != "read the journal: entry 2 stands where 1 should: delete the journal to begin with empty books" {
		t.Errorf("read: %v", err)
	}
}

// TestJournalFails has a journal that is not to be written: the order fails, and is retried.
func TestJournalFails(t *testing.T) {
	journal := &memoryJournal{}
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		for i := range uint64(10) {
			k.Publish(&OrderAccepted{limit(i+1, Buy, 1, 1)})
		}
		k.Drain()
		if n := len(k.DeadLetters("matching")); n != 0 {
			t.Errorf("%d dead letters", n)
		}
	}, necro.WithOrgans(NewMatching(journal)))
	if len(journal.entries) != 10 {
		t.Errorf("%d entries, want 10", len(journal.entries))
	}
}
