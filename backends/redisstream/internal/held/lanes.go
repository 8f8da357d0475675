package held

import (
	"math/bits"

	"github.com/necrostack/necrogen/runtime/contract"
)

// The owners of lanes all read the same entries. Each makes deliveries of the messages in its own lanes, and notes the others as
// done. An epoch of a process's lanes ends with their lease; a single lane leaves only when no caller has a delivery of it.

// Messages returns which messages are leased of which entry, as bits, by the fields of the entries. It is for one who reads
// the streams again from their beginning.
func (s *Share) Messages() map[string]uint64 {
	list := make(map[string]uint64, len(s.entries))
	for _, e := range s.entries {
		list[e.Field()] |= e.leasedMessages()
	}
	return list
}

// LoseEpochs loses the entries that were read for lanes in another epoch than this one.
func (s *Share) LoseEpochs(epoch uint64) {
	var list []*Entry
	for _, e := range s.entries {
		if e.Epoch != 0 && e.Epoch != epoch {
			list = append(list, e)
		}
	}
	s.Lose(list)
}

// LoseWaiting loses the deliveries of the buffer that are in some lanes, and reports whether there were any. Those that
// callers have stay theirs.
func (s *Share) LoseWaiting(in func(lane int) bool) (some bool) {
	for i := range s.buffer {
		e, index := EntryOf(&s.buffer[i]), int(s.buffer[i].Tag)
		if e.Epoch == 0 || !in(int(e.Lanes[index])) {
			continue
		}
		if some = true; e.changeState(index, lose) && !e.IsLeased() {
			delete(s.entries, e.name())
		}
	}
	s.dropLeft()
	return some
}

// LoseOne loses a message that a caller has of a lane.
func (s *Share) LoseOne(e *Entry, index int) {
	if e.changeState(index, lose) && !e.IsLeased() {
		delete(s.entries, e.name())
	}
}

// EachOut visits the messages that callers have, of entries that were read for lanes.
func (s *Share) EachOut(visit func(e *Entry, index, lane int)) {
	for _, e := range s.entries {
		if e.Epoch == 0 {
			continue
		}
		for left := e.In(Out); left != 0; left &= left - 1 {
			index := bits.TrailingZeros64(left)
			visit(e, index, int(e.Lanes[index]))
		}
	}
}

// IsLost reports whether a delivery belongs to this process no more: it was lost, or the epoch of its lanes is another one.
func IsLost(d *contract.Delivery, epoch uint64) bool {
	e := EntryOf(d)
	return e.Epoch != 0 && (e.Epoch != epoch || e.StateOf(int(d.Tag)) == Gone)
}

// Comes reports whether an entry comes behind another one of its stream, by their ids.
func Comes(id, behind string) bool {
	x, y := Entry{ID: id}, Entry{ID: behind}
	return compareTwoPlaces(x.placeOf(0), y.placeOf(0)) > 0
}
