package held

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// FuzzShare lets events happen to a share in any order, as the bytes say, and checks the invariants of the package
// comment after each.
func FuzzShare(f *testing.F) {
	random := rand.NewChaCha8([32]byte{1})
	for range 200 {
		events := make([]byte, 400)
		random.Read(events)
		f.Add(events)
	}
	f.Fuzz(func(t *testing.T, events []byte) {
		for _, ordered := range []bool{false, true} {
			h := &history{T: t, share: New(), ordered: ordered, ends: map[message]State{}, asked: map[message]int{}, held: map[string]int{}}
			h.bytes = events
			for len(h.bytes) > 0 {
				h.happen()
				h.check()
			}
		}
	})
}

// message names a delivery: its entry and index.
type message struct {
	entry *Entry
	index int
}

func messageOf(d *contract.Delivery) message { return message{EntryOf(d), int(d.Tag)} }

// question is a call that asks whether keys are held.
type question struct {
	ds    []contract.Delivery
	holds int
	clock int
}

// history is a share with what has happened to it.
type history struct {
	*testing.T
	share   Share
	ordered bool
	bytes   []byte // of what is still to happen

	clock     int
	now       time.Time
	entries   []*Entry // all that were ever added
	out       []contract.Delivery
	offered   [][]contract.Delivery
	questions []question
	ends      map[message]State // of those that are done or gone
	asked     map[message]int   // when the server was asked that let a delivery be Ready
	held      map[string]int    // when a settle last let a key be held
}

// choose returns a number below n, as the next byte says.
func (h *history) choose(n int) int {
	if len(h.bytes) == 0 || n < 1 {
		return 0
	}
	b := h.bytes[0]
	h.bytes = h.bytes[1:]
	return int(b) % n
}

// happen lets one event happen.
func (h *history) happen() {
	h.clock++
	h.now = h.now.Add(time.Second)
	switch h.choose(12) {
	case 0, 1:
		h.add()
	case 2, 3:
		h.take()
	case 4:
		if d := h.pick(&h.out); d != nil {
			h.share.GiveBack([]*contract.Delivery{d, d}, h.ordered)
		}
	case 5, 6:
		if d := h.pick(&h.out); d != nil {
			h.share.Settle(EntryOf(d), int(d.Tag))
		}
	case 7:
		h.settleAny()
	case 8:
		h.ask()
	case 9:
		h.answer()
	case 10:
		h.offer()
	case 11:
		h.lose()
	}
}

// add adds entries with new or known ids, of several messages. Some of these are done already, and others cannot be
// read.
func (h *history) add() {
	left := 1 + h.choose(3)
	h.share.AddEntries(left, h.ordered, func(ds []contract.Delivery) ([]contract.Delivery, *Entry) {
		if left--; left < 0 {
			return ds, nil
		}
		e := &Entry{Stream: MainStream, ID: fmt.Sprintf("%d-%d", 1+h.choose(6), h.choose(4)), Size: 1 + h.choose(5), Renewed: h.now}
		if h.ordered && h.choose(3) == 0 {
			e.Stream = FrontStream
		}
		for i := range e.Size {
			switch h.choose(8) {
			case 0:
				if i > 0 { // a message of each entry is left
					e.NoteDone(i)
				}
			case 1: // it cannot be read
			default:
				e.NoteRead(i)
				key := []string{"", "a", "b"}[h.choose(3)]
				ds = append(ds, contract.Delivery{Ref: e, Tag: uint64(i), Message: contract.Message{Key: key}, Suspect: h.choose(5) == 0})
			}
		}
		h.entries = append(h.entries, e)
		return ds, e
	})
}

// take hands out some deliveries. None of them passes an older one of its key.
func (h *history) take() {
	n := h.choose(5)
	for _, d := range h.share.Take(min(n, h.share.Buffered())) {
		if state := EntryOf(&d).StateOf(int(d.Tag)); state != Out {
			h.Fatalf("a delivery that was handed out is %s", state)
		}
		for _, older := range h.share.buffer {
			if h.ordered && older.Key == d.Key && comparePlaces(&older, &d) < 0 {
				h.Fatalf("%v is handed out before an older one of its key, %v", messageOf(&d), messageOf(&older))
			}
		}
		h.out = append(h.out, d)
	}
}

// pick takes one of some deliveries.
func (h *history) pick(from *[]contract.Delivery) *contract.Delivery {
	if len(*from) == 0 {
		return nil
	}
	i := h.choose(len(*from))
	d := (*from)[i]
	*from = slices.Delete(*from, i, i+1)
	return &d
}

// settleAny settles a message in whatever state it is, and lets its key be held.
func (h *history) settleAny() {
	if len(h.entries) == 0 {
		return
	}
	e := h.entries[h.choose(len(h.entries))]
	key := []string{"a", "b"}[h.choose(2)]
	h.share.HoldKeys(map[string]bool{key: true})
	h.held[key] = h.clock
	h.share.Settle(e, h.choose(e.Size))
}

// ask begins a call that asks whether keys are held.
func (h *history) ask() {
	ds, holds := h.share.Waiting(1 + h.choose(8))
	h.questions = append(h.questions, question{ds, holds, h.clock})
}

// answer ends one of the calls.
func (h *history) answer() {
	if len(h.questions) == 0 {
		return
	}
	i := h.choose(len(h.questions))
	q := h.questions[i]
	h.questions = slices.Delete(h.questions, i, i+1)
	answer := make([]byte, len(q.ds))
	was := make([]State, len(q.ds))
	for i := range q.ds {
		answer[i] = '0' + byte(h.choose(2))
		was[i] = EntryOf(&q.ds[i]).StateOf(int(q.ds[i].Tag))
	}
	h.share.NoteKeys(q.ds, answer, q.holds)
	for i := range q.ds {
		m := messageOf(&q.ds[i])
		if was[i] == Waiting && m.entry.StateOf(m.index) == Ready {
			h.asked[m] = q.clock
		}
	}
}

// offer begins or ends an offer, where no order counts.
func (h *history) offer() {
	if h.ordered {
		return
	}
	if len(h.offered) == 0 || h.choose(2) == 0 {
		if ds := h.share.BeginOffer(1 + h.choose(6)); len(ds) > 0 {
			h.offered = append(h.offered, ds)
		}
		return
	}
	i := h.choose(len(h.offered))
	ds := h.offered[i]
	h.offered = slices.Delete(h.offered, i, i+1)
	var answer []byte
	if h.choose(3) > 0 {
		for range EntryRuns(ds) {
			answer = append(answer, '0'+byte(h.choose(3)/2))
		}
	}
	h.share.EndOffer(ds, answer)
	i = 0
	for run := range EntryRuns(ds) {
		if e := EntryOf(&run[0]); i < len(answer) && answer[i] == '0' && e.IsLeased() {
			h.Fatalf("entry %s belongs to another process, and is leased", e.Field())
		}
		i++
	}
}

// lose loses one entry, or the idle ones.
func (h *history) lose() {
	if h.choose(4) == 0 {
		which := func(e *Entry) bool {
			if e.In(Out) != 0 {
				h.Fatalf("entry %s goes back, and a caller has a delivery of it", e.Field())
			}
			return h.choose(2) == 0
		}
		for _, e := range h.share.LoseIdle(which) {
			if e.IsLeased() {
				h.Fatalf("entry %s goes back, and is leased", e.Field())
			}
		}
	} else if len(h.entries) > 0 {
		h.share.Lose([]*Entry{h.entries[h.choose(len(h.entries))]})
	}
}

// check checks the invariants.
func (h *history) check() {
	h.Helper()
	seen := map[message]bool{}
	for i := range h.share.buffer {
		m := messageOf(&h.share.buffer[i])
		if seen[m] || !m.entry.StateOf(m.index).isBuffered() {
			h.Fatalf("%v is in the buffer: %s, twice: %v", m, m.entry.StateOf(m.index), seen[m])
		}
		seen[m] = true
		if key := h.share.buffer[i].Key; key != "" && m.entry.StateOf(m.index) == Ready && h.asked[m] < h.held[key] {
			h.Fatalf("%v is Ready by an answer of %d, and key %s was held at %d", m, h.asked[m], key, h.held[key])
		}
	}
	buffered := 0
	for _, e := range h.entries {
		buffered += bits.OnesCount64(e.In(Waiting) | e.In(Ready))
		if known := h.share.entries[e.Field()] == e; known != e.IsLeased() {
			h.Fatalf("entry %s is leased: %v, known: %v", e.Field(), e.IsLeased(), known)
		}
		for i := range e.Size {
			m, state := message{e, i}, e.StateOf(i)
			if end, ended := h.ends[m]; ended && end != state {
				h.Fatalf("%v was %s and is %s", m, end, state)
			}
			if state.isDone() || state == Gone {
				h.ends[m] = state
			}
		}
	}
	if buffered != h.share.Buffered() {
		h.Fatalf("%d deliveries are Waiting or Ready, and the buffer has %d", buffered, h.share.Buffered())
	}
	if h.ordered && !slices.IsSortedFunc(h.share.buffer, func(a, b contract.Delivery) int { return comparePlaces(&a, &b) }) {
		h.Fatal("the buffer is not in stored order")
	}
}

// TestAnswerOlderThanAFailure settles a failed delivery while the server answers whether another one of
// its key may run: the answer may be older than the failure, so it counts for nothing.
func TestAnswerOlderThanAFailure(t *testing.T) {
	s := New()
	add(&s, true, &Entry{Stream: MainStream, ID: "2-0"})
	s.buffer[0].Key = "k"
	asked, holds := s.Waiting(9)
	s.HoldKeys(map[string]bool{"k": true})
	s.NoteKeys(asked, []byte("0"), holds)
	again, holds := s.Waiting(9)
	if len(again) != 1 {
		t.Fatalf("%d deliveries are looked at again, want the one whose key is held", len(again))
	}

	s.NoteKeys(again, []byte("0"), holds)
	if left, _ := s.Waiting(9); len(left) != 0 {
		t.Fatalf("%d deliveries are looked at although nothing has failed since", len(left))
	}
}

// TestStoredOrder: what failed comes first, what waited for its key returns to where it stood, and numbers of ids are
// compared as numbers.
func TestStoredOrder(t *testing.T) {
	s := New()
	inOrder := []*Entry{
		{Stream: FrontStream, ID: "50-0"},
		{Stream: MainStream, ID: "0-9"},
		{Stream: MainStream, ID: "9-0"},
		{Stream: FrontStream, ID: "51-0", Origin: "0009-0000-2"},
		{Stream: MainStream, ID: "10-0"},
		{Stream: MainStream, ID: "10-2"},
		{Stream: MainStream, ID: "10-10"},
	}
	for _, i := range []int{4, 3, 6, 1, 0, 2, 5} {
		add(&s, true, inOrder[i])
	}
	for i, d := range s.Take(len(inOrder)) {
		if EntryOf(&d) != inOrder[i] {
			t.Errorf("place %d has entry %s", i, EntryOf(&d).ID)
		}
	}
}

// TestWholeEntries: a Fetch gets whole entries, unless the first one has more than it asks for.
func TestWholeEntries(t *testing.T) {
	one, two := &Entry{ID: "1-0", Size: 3}, &Entry{ID: "2-0", Size: 3}
	ds := make([]contract.Delivery, 6)
	for i := range ds {
		ds[i].Ref = []*Entry{one, two}[i/3]
	}
	for n, want := range []int{0, 1, 2, 3, 3, 3, 6} {
		if got := wholeEntries(ds, n); got != want {
			t.Errorf("%d deliveries for %d, want %d", got, n, want)
		}
	}
}

// TestLeaseTimes: the entries of the buffer whose leases are old are renewed, and all that are not too old are told
// to the server as known.
func TestLeaseTimes(t *testing.T) {
	s, start := New(), time.Unix(100, 0)
	for i, id := range []string{"1-0", "2-0", "3-0"} {
		add(&s, false, &Entry{Stream: MainStream, ID: id, Renewed: start.Add(time.Duration(i) * time.Second)})
	}
	s.Take(1)
	var old []string
	for _, e := range s.RenewedBefore(start.Add(time.Second)) {
		old = append(old, e.ID)
	}
	if !slices.Equal(old, []string{"2-0"}) {
		t.Errorf("renewed are %v, want 2-0: a caller has 1-0", old)
	}
	known := s.FieldsSince(start)
	if slices.Sort(known); !slices.Equal(known, []string{"2-0", "3-0"}) {
		t.Errorf("known are %v, want 2-0 and 3-0", known)
	}
}
