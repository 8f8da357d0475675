package memory

import (
	"cmp"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// rememberGone is how many dead letters that are gone can still be named as the one behind which
// a page begins.
const rememberGone = 10_000

// letters are the dead letters of an organ, oldest first. Finding, adding and removing one cost
// the same however many there are.
//
// They are a linked list whose end is always an empty letter: appending fills the end and adds a
// new one. So a letter that was removed still leads to those behind it, over others that were
// removed later.
//
// Invariant: n and bytes count the letters from first to end, each of which byID leads to, by its id and
// over twins; order has every id of gone. The queue's mutex guards all of it.
type letters struct {
	first, end *letter
	byID       map[contract.ID]*letter // the newest with its id
	n          int
	bytes      int64

	gone  map[contract.ID]*letter // removed ones, at most rememberGone
	order []contract.ID           // of those, oldest removal first
}

// letter is one dead letter in the list, or the empty one at its end.
type letter struct {
	contract.DeadLetter
	prev, next *letter
	twin       *letter // an older one with the same id
	gone       bool
}

// addLetter appends a dead letter.
func (l *letters) addLetter(dead contract.DeadLetter) {
	if l.end == nil {
		l.end = new(letter)
		l.first = l.end
		l.byID = map[contract.ID]*letter{}
		l.gone = map[contract.ID]*letter{}
	}
	added := l.end
	l.end = &letter{prev: added}
	added.DeadLetter, added.next, added.twin = dead, l.end, l.byID[dead.ID]
	l.byID[dead.ID] = added
	l.n++
	l.bytes += deadSize(&dead)
}

// removeAll takes the letters with an id out, and returns them, oldest first. Their ids are those of deliveries, of
// which an organ has two when an event was redriven and failed again: therefore one id may have several letters.
func (l *letters) removeAll(id contract.ID) (removed []contract.DeadLetter) {
	newest := l.byID[id]
	if newest == nil {
		return nil
	}
	delete(l.byID, id)
	for at := newest; at != nil; at = at.twin {
		l.unlinkLetter(at)
		removed = append(removed, at.DeadLetter)
		at.DeadLetter = contract.DeadLetter{}
	}
	newest.twin = nil
	l.keepPlace(id, newest)
	slices.Reverse(removed)
	return removed
}

// unlinkLetter takes a letter out of the list. It keeps its way to the next one, so that a page can begin
// behind it.
func (l *letters) unlinkLetter(at *letter) {
	at.next.prev = at.prev
	if at.prev == nil {
		l.first = at.next
	} else {
		at.prev.next = at.next
	}
	at.prev, at.gone = nil, true
	l.n--
	l.bytes -= deadSize(&at.DeadLetter)
}

// keepPlace keeps the place of a letter that was removed, and forgets the oldest removal beyond
// rememberGone.
func (l *letters) keepPlace(id contract.ID, at *letter) {
	l.gone[id] = at
	l.order = append(l.order, id)
	if len(l.order) > rememberGone {
		delete(l.gone, l.order[0])
		l.order = l.order[1:]
	}
}

// firstBehind returns the first letter behind the one with an id, which may be gone, or the first of
// all for the zero id. It is nil when no letter is known by the id. The end has no next letter.
func (l *letters) firstBehind(id contract.ID) *letter {
	switch at := cmp.Or(l.byID[id], l.gone[id]); {
	case l.end == nil || id.IsZero():
		return l.first
	case at == nil:
		return nil
	default:
		return at.skipGone()
	}
}

// skipGone returns the first letter behind at that is there. Those on the way lead straight to it from then on. So a
// page behind a letter that is long gone does not walk over all removals since, each time that it is asked for.
func (at *letter) skipGone() *letter {
	there := at.next
	for there.gone {
		there = there.next
	}
	for at.next != there {
		at, at.next = at.next, there
	}
	return there
}

// deadSize is how many bytes of the limit for dead letters one takes.
func deadSize(l *contract.DeadLetter) int64 {
	return int64(len(l.Message.Payload) + len(l.Error) + len(l.Stack))
}
