package memory

import (
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// uniques are the unique events that are not done. The backend's mutex guards them.
//
//	Publish --> waits for its time or in a park --routed--> its organs have it --the last one settles--> gone
//	                  |                                          |
//	                  '--Cancel, let go by the park, or          '--its organs are removed, or its time is over--> gone
//	                     its time is over--> gone
//
// Invariant: byID, byPlace and expiry have the same events, each at the place in expiry that it knows.
type uniques struct {
	byID    map[contract.ID]*unique
	byPlace map[uniquePlace]*unique
	expiry  heapOf[*unique] // by the instant when their time is over
}

// uniquePlace is what there is one event of.
type uniquePlace struct{ event, key string }

// unique is one of the uniques.
type unique struct {
	uniquePlace
	id     contract.ID
	organs []*queue // have the event and have not settled it; none while it is not routed
	at     int      // its place in expiry
}

// find returns the id of the event that is stored in the place of a message; the zero id for none.
func (us *uniques) find(m *contract.Message, now instant) (there contract.ID) {
	for us.expiry.len() > 0 && us.expiry.first().key <= uint64(now) {
		us.release(us.expiry.first().value.id)
	}
	if u := us.byPlace[uniquePlace{m.Type.Name, m.Key}]; u != nil {
		return u.id
	}
	if us.byID[m.ID] != nil {
		return m.ID
	}
	return contract.ID{}
}

// add adds a message, which find did not find.
func (us *uniques) add(m *contract.Message, until instant) {
	if us.byID == nil {
		us.byID, us.byPlace = map[contract.ID]*unique{}, map[uniquePlace]*unique{}
		us.expiry.moved = func(u *unique, at int) { u.at = at }
	}
	u := &unique{uniquePlace: uniquePlace{m.Type.Name, m.Key}, id: m.ID}
	us.byID[u.id], us.byPlace[u.uniquePlace] = u, u
	us.expiry.push(entry[*unique]{key: uint64(until), value: u})
}

// release lets another event be stored in the place of the one with an id, if that is still there.
func (us *uniques) release(id contract.ID) {
	u := us.byID[id]
	if u == nil {
		return
	}
	delete(us.byID, id)
	delete(us.byPlace, u.uniquePlace)
	us.expiry.removeAt(u.at)
}

// noteRouted notes that organs got an event. One that no organ gets and no park keeps is done.
func (us *uniques) noteRouted(m *contract.Message, queues []*queue) {
	u := us.byID[m.ID]
	if u == nil {
		return
	}
	u.organs = append(u.organs, queues...)
	if len(queues) == 0 && m.Type.Output {
		us.release(m.ID)
	}
}

// noteSettled notes that an organ is done with an event.
func (us *uniques) noteSettled(q *queue, id contract.ID) {
	u := us.byID[id]
	if u == nil {
		return
	}
	had := len(u.organs)
	u.organs = slices.DeleteFunc(u.organs, func(other *queue) bool { return other == q })
	if had > 0 && len(u.organs) == 0 {
		us.release(id)
	}
}

// forgetOrgan notes that an organ is gone with all of its deliveries.
func (us *uniques) forgetOrgan(q *queue) {
	for id := range us.byID {
		us.noteSettled(q, id)
	}
}
