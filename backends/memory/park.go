package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

const (
	// parkLimit is how many events of one name wait for a first subscriber; beyond it the
	// oldest are let go and counted.
	parkLimit = 10_000
	// parkGrace is how long after the first binding other organs still get the park.
	parkGrace = time.Minute
)

// park holds the events of one name that no organ was bound to. The backend's mutex guards it.
//
//	open: takes events --the first organ binds--> handed: for parkGrace other organs get it, too ----> gone
type park struct {
	msgs    []parked // oldest first
	dropped int
	handed  time.Time       // when the first organ was bound; zero before
	took    map[string]bool // identities of the organs that got it, also of one that was removed since
}

// parked is an event with its place among the parked events of all names, because a queue that is bound to several
// names gets their events in the order in which they were published.
type parked struct {
	contract.Message
	seq uint64
}

// parkMessage keeps an event for its first subscriber. The backend's mutex must be locked. A park that was handed
// over takes no more events: an event without an organ then means that its organs were removed, and the next first
// organ begins with a park of its own.
func (b *Backend) parkMessage(m *contract.Message) {
	p := b.parks[m.Type.Name]
	if p == nil || !p.handed.IsZero() {
		p = new(park)
		b.parks[m.Type.Name] = p
	}
	tellTails(b.tails, contract.PlaceParked, "", m)
	b.parked++
	p.msgs = append(p.msgs, parked{*m, b.parked})
	if len(p.msgs) > parkLimit {
		b.unique.release(p.msgs[0].ID)
		p.msgs[0] = parked{}
		p.msgs = p.msgs[1:]
		p.dropped++
	}
}

// handOver gives each queue the parks of the names that it was just bound to, in the order in which the events were
// published. The backend and all queues must be locked. Parked events take no room. They are counted in as they are
// handed over, beyond the limit if need be, because a Subscribe cannot wait for room.
func (b *Backend) handOver(fresh map[*queue][]string) {
	now := time.Now()
	for q, names := range fresh {
		var msgs []parked
		for _, name := range names {
			p := b.parks[name]
			if p == nil || !p.handed.IsZero() && now.Sub(p.handed) > parkGrace || p.took[q.identity] {
				continue
			}
			if p.took == nil {
				p.took = map[string]bool{}
			}
			p.took[q.identity] = true
			msgs = append(msgs, p.msgs...)
		}
		slices.SortFunc(msgs, func(x, y parked) int { return cmp.Compare(x.seq, y.seq) })
		b.door.countOut(-len(msgs))
		for i := range msgs {
			if msgs[i].Unique != 0 {
				b.unique.noteRouted(&msgs[i].Message, []*queue{q})
			}
			q.pushNew(&msgs[i].Message)
		}
	}
	for _, names := range fresh {
		for _, name := range names {
			b.closePark(name, now)
		}
	}
}

// closePark forgets the park of a bound name when its grace is over. The timer compares the park that it was started
// for, because another park of the name may have been opened since.
func (b *Backend) closePark(name string, now time.Time) {
	p := b.parks[name]
	if p == nil || !p.handed.IsZero() {
		return
	}
	p.handed = now
	time.AfterFunc(parkGrace, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.parks[name] == p {
			delete(b.parks, name)
		}
	})
}
