package memory

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

// TestHeap compares a heap with a sorted list while entries are pushed, popped, moved and removed.
func TestHeap(t *testing.T) {
	t.Parallel()
	type at struct{ place int }
	random := rand.New(rand.NewPCG(1, 2))
	h := heapOf[*at]{moved: func(v *at, place int) { v.place = place }}
	var sorted []entry[*at]
	for range 20_000 {
		switch action := random.IntN(5); {
		case action < 2 || len(sorted) == 0:
			e := entry[*at]{key: random.Uint64N(50), tie: random.Uint64N(3), value: new(at)}
			h.push(e)
			sorted = append(sorted, e)
		case action == 2:
			first := h.pop()
			sorted = slices.DeleteFunc(sorted, func(e entry[*at]) bool { return e.value == first.value })
		case action == 3:
			i := random.IntN(len(sorted))
			h.removeAt(sorted[i].value.place)
			sorted = slices.Delete(sorted, i, i+1)
		default:
			first := h.first()
			h.replaceFirst(first.key + 5)
			i := slices.IndexFunc(sorted, func(e entry[*at]) bool { return e.value == first.value })
			sorted[i].key += 5
		}
		if h.len() != len(sorted) {
			t.Fatalf("the heap has %d entries, want %d", h.len(), len(sorted))
		}
		for i := range sorted {
			if first := h.first(); sorted[i].before(&first) {
				t.Fatalf("the first entry is %d/%d, but there is %d/%d", first.key, first.tie, sorted[i].key, sorted[i].tie)
			}
			if h.entries[sorted[i].value.place].value != sorted[i].value {
				t.Fatalf("entry %d is not at the place that moved has told", i)
			}
		}
	}
}

// TestFailedSet adds and removes places in any order: firstSeq is the smallest one that is left.
func TestFailedSet(t *testing.T) {
	t.Parallel()
	const none = math.MaxUint64
	for name, steps := range map[string][]struct {
		add, remove, first uint64
	}{
		"Empty":          {{first: none}},
		"InOrder":        {{add: 1, first: 1}, {add: 2, first: 1}, {remove: 1, first: 2}, {remove: 2, first: none}},
		"LastFirst":      {{add: 1, first: 1}, {add: 2, first: 1}, {remove: 2, first: 1}, {remove: 1, first: none}},
		"EarlierJoins":   {{add: 5, first: 5}, {add: 3, first: 3}, {remove: 3, first: 5}, {remove: 5, first: none}},
		"FailsAgain":     {{add: 4, first: 4}, {remove: 4, first: none}, {add: 4, first: 4}, {remove: 4, first: none}},
		"MiddleIsGone":   {{add: 1, first: 1}, {add: 2, first: 1}, {add: 3, first: 1}, {remove: 2, first: 1}, {remove: 1, first: 3}},
		"GoneBeforeBoth": {{add: 2, first: 2}, {add: 7, first: 2}, {remove: 7, first: 2}, {add: 9, first: 2}, {remove: 2, first: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s failedSet
			for i, step := range steps {
				if step.add > 0 {
					s.addSeq(step.add)
				}
				if step.remove > 0 {
					s.removeSeq(step.remove)
				}
				if first := s.firstSeq(); first != step.first {
					t.Fatalf("step %d, %+v: the first is %d", i, step, first)
				}
			}
		})
	}
}

// TestFifo pushes and takes by runs of many sizes: messages come in order, tags are never used twice,
// and the chunks of a list that goes up and down are used again.
func TestFifo(t *testing.T) {
	t.Parallel()
	var f fifo
	pushed, taken := uint64(0), uint64(0)
	tags := map[uint64]bool{}
	for round := range 200 {
		for range 1 + round*7%300 {
			pushed++
			f.pushMessage(&contract.Message{Hops: int32(pushed)}, pushed)
		}
		for f.n > round%5 {
			if f.firstSeq() != taken+1 {
				t.Fatalf("the first is %d, want %d", f.firstSeq(), taken+1)
			}
			c, from, to := f.takeRun(1 + round%200)
			for i := from; i < to; i++ {
				taken++
				d := &c.items[i]
				if c.slots[i].seq != taken || d.Hops != int32(taken) || d.Ref != c || tags[d.Tag] {
					t.Fatalf("message %d: got place %d, number %d, tag %d (used before: %t)", taken, c.slots[i].seq, d.Hops, d.Tag, tags[d.Tag])
				}
				tags[d.Tag] = true
			}
			if to == chunkSize { // as freeSlot and the next Fetch do
				f.recycleChunk(c)
			}
		}
	}
	if pushed-taken != uint64(f.n) {
		t.Errorf("%d were pushed and %d taken, and %d are left", pushed, taken, f.n)
	}
	if most := 300/chunkSize + 3; f.spares > most {
		t.Errorf("%d chunks are spare, want %d at most", f.spares, most)
	}
}

// TestPoppedChunkIsNotUsedAgain takes a delivery away from its chunk, so that the chunk never counts as settled.
func TestPoppedChunkIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	var f fifo
	f.pushMessage(&contract.Message{Hops: 1}, 1)
	f.pushMessage(&contract.Message{Hops: 2}, 2)
	if it := f.popItem(); it.seq != 1 || it.Hops != 1 || f.n != 1 || f.firstSeq() != 2 || !f.head.once {
		t.Errorf("popped place %d, number %d; %d left, the first at %d, once %t", it.seq, it.Hops, f.n, f.firstSeq(), f.head.once)
	}
}

// TestLetters adds, removes and pages: the list is in order, a page begins behind a letter that is gone,
// and letters of one id come and go together.
func TestLetters(t *testing.T) {
	t.Parallel()
	id := func(name string) contract.ID { return contract.IDOf(name) }
	var l letters
	listed := func(after contract.ID) string {
		var names []string
		for at := l.firstBehind(after); at != nil && at.next != nil; at = at.next {
			names = append(names, at.Error)
		}
		return strings.Join(names, " ")
	}
	add := func(names ...string) {
		for _, name := range names {
			l.addLetter(contract.DeadLetter{ID: id(name[:1]), Death: contract.Death{Error: name}})
		}
	}
	for _, step := range []struct {
		do    func()
		after string
		want  string
		n     int
	}{
		{func() {}, "", "", 0},
		{func() { add("a", "b", "c", "d") }, "", "a b c d", 4},
		{func() {}, "b", "c d", 4},
		{func() { l.removeAll(id("b")) }, "b", "c d", 3},
		{func() { l.removeAll(id("c")) }, "b", "d", 2},
		{func() { add("e") }, "c", "d e", 3},
		{func() { l.removeAll(id("x")) }, "", "a d e", 3},
		{func() { add("a2") }, "", "a d e a2", 4},
		{func() { l.removeAll(id("a")) }, "", "d e", 2},
		{func() {}, "a", "", 2}, // behind the newest of them
		{func() { l.removeAll(id("d")); l.removeAll(id("e")) }, "", "", 0},
		{func() { add("f") }, "b", "f", 1},
	} {
		step.do()
		after := contract.ID{}
		if step.after != "" {
			after = id(step.after)
		}
		if got := listed(after); got != step.want || l.n != step.n {
			t.Fatalf("behind %q: got %q of %d letters, want %q of %d", step.after, got, l.n, step.want, step.n)
		}
	}
	if l.firstBehind(id("never")) != nil {
		t.Error("a page begins behind a letter that never was")
	}
}

// TestWaitList wakes and removes waiters: the longest waiting one is woken, once.
func TestWaitList(t *testing.T) {
	t.Parallel()
	var l waitList
	a, b, c, d := l.addWaiter(), l.addWaiter(), l.addWaiter(), l.addWaiter()
	if !l.removeWaiter(b) || l.removeWaiter(b) {
		t.Error("a waiter leaves once")
	}
	if !l.wakeFirst() || len(a.woken) != 1 || l.removeWaiter(a) {
		t.Error("the longest waiting one is woken, and waits no more")
	}
	if !l.removeWaiter(d) || l.last != c || l.first != c {
		t.Error("one waits, the third")
	}
	l.wakeAll()
	if len(c.woken) != 1 || len(b.woken)+len(d.woken) != 0 || l.wakeFirst() {
		t.Error("the rest is woken, and no waiter that left")
	}
}

// TestRoute wants queues to be locked in the order of their numbers, each once, and the backend's mutex where
// a message is parked or has an id of its caller.
func TestRoute(t *testing.T) {
	t.Parallel()
	one, two, three := &queue{number: 1, names: map[string]bool{"X": true, "Y": true}}, &queue{number: 2, names: map[string]bool{"Y": true}}, &queue{number: 3, names: map[string]bool{"Z": true}}
	r := newRouting([]*queue{one, two, three})
	event := func(name string, output bool) *contract.EventType {
		return &contract.EventType{Name: name, Output: output}
	}
	for name, test := range map[string]struct {
		msgs       []contract.Message
		targets    []*queue
		deliveries int
		directory  bool
	}{
		"None":   {},
		"Sorted": {[]contract.Message{{Type: event("Z", false)}, {Type: event("X", false)}}, []*queue{one, three}, 2, false},
		"Once":   {[]contract.Message{{Type: event("Y", false)}, {Type: event("X", false)}}, []*queue{one, two}, 3, false},
		"ID":     {[]contract.Message{{Type: event("X", false), Once: true}}, []*queue{one}, 1, true},
		"Parked": {[]contract.Message{{Type: event("W", false)}}, nil, 0, true},
		"Output": {[]contract.Message{{Type: event("W", true)}}, nil, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			way := route{routing: r}
			if n := way.planMessages(test.msgs); n != test.deliveries || !slices.Equal(way.targets, test.targets) || way.directory != test.directory {
				t.Errorf("%d deliveries to %d queues, directory %t; want %d to %d, %t", n, len(way.targets), way.directory, test.deliveries, len(test.targets), test.directory)
			}
		})
	}
}
