package loop

import (
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/runtime/contract"
)

// laneFilter says which messages of the entries that a claim has read are this process's. One claim makes it, and nothing
// changes it. A nil filter is that of an organ without lanes, where all messages are.
type laneFilter struct {
	epoch, round uint64
	lanes        int
	owned        map[int]places    // by lane: the last entries that a process which is gone may have begun with
	known        map[string]uint64 // messages that are leased already, as bits, by the fields of their entries
}

// prepareEntry notes how an entry was read, before its messages are.
func (f *laneFilter) prepareEntry(e *held.Entry) {
	if f != nil {
		e.Epoch, e.Round, e.Lanes = f.epoch, f.round, make([]uint8, e.Size)
	}
}

// keepDelivery reports whether a message is this process's, and makes its delivery suspect where a process that is gone may
// have begun with it. A message that it had marked as started has crashed it.
func (f *laneFilter) keepDelivery(e *held.Entry, d *contract.Delivery, mark byte) bool {
	if f == nil {
		return true
	}
	lane := contract.LaneOf(d.Key, d.ID, f.lanes)
	begun, owned := f.owned[lane]
	if !owned || f.known[e.Field()]>>d.Tag&1 == 1 {
		return false
	}
	e.Lanes[d.Tag] = uint8(lane)
	last := begun.main
	if e.Stream == held.FrontStream {
		last = begun.front
	}
	d.Suspect = !held.Comes(e.ID, last)
	switch {
	case mark >= 'A' && mark <= 'E':
		d.Crashes = int32(mark - 'A')
		if d.Suspect {
			d.Crashes = min(d.Crashes+1, 4)
		}
	case mark >= 'a' && mark <= 'e':
		d.Crashes = int32(mark - 'a')
		d.GivingUp = d.Suspect
	}
	if d.GivingUp {
		e.Condemned |= 1 << d.Tag
	}
	return true
}

// keepPoison returns what could not be read where this process is to bury it: it has no key, so the owner of the first lane
// does.
func (f *laneFilter) keepPoison(e *held.Entry, bad []poison) []poison {
	if f == nil {
		return bad
	}
	if _, owned := f.owned[0]; owned {
		return bad
	}
	for _, p := range bad {
		for index := p.index; index < e.Size && (p.rest || index == p.index); index++ {
			e.NoteDone(index)
		}
	}
	return nil
}
