package held

import (
	"iter"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Share is what this process has leased of one organ in one partition, and the gate through which it is handed out.
// Its owner guards it by a mutex. [New] makes one.
type Share struct {
	Gate

	buffer  []contract.Delivery // Waiting and Ready ones. Those that were handed out keep the memory in front of it
	entries map[string]*Entry   // that are leased, by their names
	holds   int                 // order=key: settles of this process that may have let keys be held
}

// New returns an empty share, whose access is to be looked up first.
func New() Share {
	return Share{Gate: Gate{access: Open, freshness: wanted}, entries: map[string]*Entry{}}
}

// Buffered counts the deliveries in the buffer.
func (s *Share) Buffered() int { return len(s.buffer) }

// Entries yields the entries that are leased. The buffer has some of their deliveries, callers have others.
func (s *Share) Entries() iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for _, e := range s.entries {
			if !yield(e) {
				return
			}
		}
	}
}

// AddEntries takes in entries that were read, of so many messages about. next appends the deliveries of the next
// entry to those that it gets; it returns nil behind the last entry. An entry that was leased already was claimed
// again, so its former deliveries are lost. Where order counts the buffer is put into stored order.
func (s *Share) AddEntries(messages int, ordered bool, next func(ds []contract.Delivery) ([]contract.Delivery, *Entry)) {
	before, again := len(s.buffer), false
	buffer := make([]contract.Delivery, before, before+messages) // deliveries that were handed out have the memory before
	copy(buffer, s.buffer)
	for {
		var e *Entry
		if buffer, e = next(buffer); e == nil {
			break
		}
		if e.Epoch != 0 && !e.IsLeased() {
			continue // all of it is in lanes of others
		}
		if former := s.entries[e.name()]; former != nil {
			former.loseMessages()
			again = true
		}
		s.entries[e.name()] = e
	}
	s.buffer = buffer
	if again {
		s.dropLeft()
	}
	if ordered || before > 0 && (again || before < len(s.buffer) && s.comesBefore(before, before-1)) {
		s.sortBuffer()
	}
}

// comesBefore reports whether a delivery of the buffer comes before another one in stored order. Entries that are
// read without order come behind those that were read before, except for those that are taken over.
func (s *Share) comesBefore(i, j int) bool { return comparePlaces(&s.buffer[i], &s.buffer[j]) < 0 }

// sortBuffer puts the buffer into stored order.
func (s *Share) sortBuffer() {
	slices.SortStableFunc(s.buffer, func(a, b contract.Delivery) int { return comparePlaces(&a, &b) })
}

// dropLeft takes the deliveries out of the buffer whose state does not belong there any more.
func (s *Share) dropLeft() {
	s.buffer = slices.DeleteFunc(s.buffer, func(d contract.Delivery) bool { return !EntryOf(&d).StateOf(int(d.Tag)).isBuffered() })
	s.ReadFrontOn()
}

// CountOffered returns how many deliveries of the buffer may be handed out now. The access must not be older than
// freshFor, because an organ may have been paused, or belong to another process. Where the organ is guarded, by its
// order or its owner, it must be known as well. Behind a failed delivery of strict order, and while entries of the
// front stream are unread, only deliveries of that stream may be handed out.
func (s *Share) CountOffered(guarded bool, freshFor time.Duration, now time.Time) int {
	if !s.access.IsReadable() || guarded && s.freshness != known || s.IsStale(freshFor, now) {
		return 0
	}
	if s.access != FrontOnly && !s.frontLeft {
		return len(s.buffer)
	}
	return s.leadingFront()
}

// ReadFrontOn lets the next claim come before anything else is handed out, when the front stream may hold more and
// nothing of it waits here.
func (s *Share) ReadFrontOn() {
	if s.frontLeft && s.leadingFront() == 0 {
		s.AskLook()
	}
}

// leadingFront counts the deliveries of the front stream that the buffer begins with.
func (s *Share) leadingFront() int {
	n := 0
	for n < len(s.buffer) && EntryOf(&s.buffer[n]).Stream == FrontStream {
		n++
	}
	return n
}

// Take hands out at most n deliveries of the buffer, in its order.
func (s *Share) Take(n int) []contract.Delivery {
	n = wholeEntries(s.buffer, n)
	ds := s.buffer[:n:n]
	s.buffer = s.buffer[n:]
	for i := range ds {
		EntryOf(&ds[i]).changeState(int(ds[i].Tag), take)
	}
	s.ReadFrontOn()
	return ds
}

// wholeEntries returns a number of deliveries, n at most, that does not cut an entry in two
// unless it is the first one: to settle a part takes the server three times as long.
func wholeEntries(ds []contract.Delivery, n int) int {
	if n == len(ds) {
		return n
	}
	whole := n
	for whole > 0 && ds[whole-1].Ref == ds[whole].Ref {
		whole--
	}
	if whole == 0 {
		return n
	}
	return whole
}

// GiveBack takes back deliveries that callers did not run. Where order counts, the next claim comes before they are
// handed out again, because a failed delivery may hold them back.
func (s *Share) GiveBack(ds []*contract.Delivery, ordered bool) {
	for _, d := range ds {
		if !EntryOf(d).changeState(int(d.Tag), giveBack) {
			continue
		}
		s.buffer = append(s.buffer, *d)
		if ordered {
			s.AskLook()
		}
	}
	s.sortBuffer()
}

// Settle notes that the server has answered the outcome of a message, applied or not. With its last message the
// entry is forgotten.
func (s *Share) Settle(e *Entry, index int) { s.finishMessage(e, index, settle) }

// finishMessage lets an event happen by which a message is done.
func (s *Share) finishMessage(e *Entry, index int, event event) {
	buffered := e.StateOf(index).isBuffered()
	if !e.changeState(index, event) {
		return
	}
	if buffered && event == settle { // by a caller that had given it back
		s.dropLeft()
	}
	if e.IsFinished() || e.Epoch != 0 && !e.IsLeased() { // an entry that was claimed again is Gone, so this is the one of its name
		delete(s.entries, e.name())
	}
}

// Lose forgets entries: they go back, or belong to this process no more. The caller must not unlock between the
// choice of an entry that goes back and this call, because it must not be handed out any more.
func (s *Share) Lose(list []*Entry) {
	if len(list) == 0 {
		return
	}
	for _, e := range list {
		e.loseMessages()
		if s.entries[e.name()] == e {
			delete(s.entries, e.name())
		}
	}
	s.dropLeft()
}

// LoseIdle loses those entries of the buffer that no caller has a delivery of, and returns them, to be handed back. Entries
// that were read for lanes are left to [Share.LoseWaiting].
func (s *Share) LoseIdle(which func(*Entry) bool) []*Entry {
	var back []*Entry
	for i := range s.buffer {
		e := EntryOf(&s.buffer[i])
		if e.Epoch == 0 && e.IsIdle() && which(e) && (len(back) == 0 || back[len(back)-1] != e) {
			back = append(back, e)
		}
	}
	s.Lose(back)
	return back
}

// RenewedBefore returns the entries of the buffer whose leases began before a time. Callers renew those of the
// deliveries that they have.
func (s *Share) RenewedBefore(limit time.Time) (list []*Entry) {
	for i := range s.buffer {
		e := EntryOf(&s.buffer[i])
		if !e.Renewed.After(limit) && (len(list) == 0 || list[len(list)-1] != e) {
			list = append(list, e)
		}
	}
	return list
}

// FieldsSince lists the fields of the entries whose leases began after a time.
func (s *Share) FieldsSince(limit time.Time) (list []string) {
	for field, e := range s.entries {
		if e.Renewed.After(limit) {
			list = append(list, field)
		}
	}
	return list
}
