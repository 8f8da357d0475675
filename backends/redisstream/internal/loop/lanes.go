package loop

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Lanes share the deliveries of an organ with order by key. The organ keeps its one stream: every process reads all entries of
// it, and makes deliveries of the messages that are in its lanes. So to publish, to pack and to change the number of lanes
// cost nothing, and a settle has the deliveries of all lanes of the process; streams of the lanes' own would cost an XADD for
// each lane that a batch touches, and a script for each lane that a batch is settled in. The price is that an entry goes to
// each process that owns lanes.
//
// A consumer owns its lanes in an epoch, which is over with its lease; every call that renews or settles tells the epoch. The states of
// a lane in this process are:
//
//	foreign --taken by a claim--> owned --too many--> leaving --no caller has a delivery of it--> foreign
//	owned or leaving --the epoch is over--> foreign
//
// The streams are read from a place on, which each claim moves. When a lane is taken, or a delivery of the buffer was
// lost, the next claim reads from the beginning, and leaves out what is leased.

// laneShare is what a queue knows of its lanes. q.mu guards it. The zero value owns none.
type laneShare struct {
	owner   string // the consumer that owns the lanes
	epoch   uint64 // 0 while no lane is owned
	last    uint64 // the last epoch that there was
	owned   map[int]*ownedLane
	shared  time.Time // when the lanes were shared last
	loose   []string  // keys of these lanes that were let go
	told    string    // the last key that was let go, of any lanes, behind which the next claim looks for more
	frees   uint64    // calls of the epoch that have given lanes back
	freeing bool      // a goroutine is about to give lanes back
	ended   bool      // the mode has changed: the lanes go back as soon as no caller has a delivery of them

	// How far the streams were read: by the pass that is under way, and by the longest one. Entries between these two
	// may be leased already.

	at, top places
	term    uint64 // in which these name entries
	round   uint64 // of the passes
	rewinds uint64 // how often at was set back
	claimed uint64 // how often it had been when the last claim was asked for
}

// places are the last entries of the queue and of the front stream that something is true of.
type places struct{ main, front string }

// beginning comes before all entries.
var beginning = places{"0-0", "0-0"}

// later returns the later ones of two places.
func (p places) later(other places) places {
	if held.Comes(other.main, p.main) {
		p.main = other.main
	}
	if held.Comes(other.front, p.front) {
		p.front = other.front
	}
	return p
}

// ownedLane is a lane of this process.
type ownedLane struct {
	begun   places // the last entries that a process which is gone may have begun with
	read    bool   // a pass has begun since the lane was taken, so its deliveries up to the place of the pass are here
	leaving bool   // nothing more is handed out
	passed  bool   // it leaves because of a decline, whatever is too many
	stays   bool   // it has come because of a decline, and does not leave for some time
}

// drop forgets the lanes. The deliveries in them are lost.
func (s *laneShare) drop(h *held.Share) {
	*s = laneShare{last: max(s.last, s.epoch), round: s.round, rewinds: s.rewinds + 1, claimed: s.claimed, freeing: s.freeing, at: beginning, top: beginning}
	h.LoseEpochs(0)
}

// rewindLanes has the next claim begin a new pass, before anything is handed out. The answer to a claim that is under way
// does not move the place on. The caller holds q.mu.
func (q *queue) rewindLanes() {
	q.lanes.at = beginning
	q.lanes.rewinds++
	q.held.AskLook()
}

// claimLanes is claimSome for an organ with lanes: it renews them, takes or marks some where they are not shared evenly, and
// reads on. The caller holds q.reading.
func (q *queue) claimLanes(ctx context.Context) error {
	q.freeLanes(ctx)
	term := q.p.Term()
	q.mu.Lock()
	if q.lanes.ended || q.firstName() == "" { // deliveries are out by the former mode, or all consumers have left
		defer q.mu.Unlock()
		q.held.NoteAnswer(held.Owned, q.held.Halts())
		q.held.NoteClaim(false, time.Now())
		return nil
	}
	m, halts := *q.mode.Load(), q.held.Halts()
	request := q.lanesRequest(&m, term)
	var known map[string]uint64
	if q.lanes.at != q.lanes.top {
		known = q.held.Messages()
	}
	q.mu.Unlock()
	request.Latest = q.p.clock.latestTime()
	sent := q.p.clock.now()
	claimed, err := request.ReadReply(q.p.RunCall(ctx, request.Call()))
	now := held.Access(claimed.State)
	if err == nil {
		err = q.p.seeClock(ctx, sent, claimed.Clock)
	}
	switch {
	case err != nil:
		return q.noteFailedRead(ctx, err)
	case now == clockStepped:
		q.p.clock.doubtSighting()
		q.lookAgain()
		return nil
	case now == modeChanged:
		_, err := q.p.ReloadTable(ctx)
		return err
	}
	q.mu.Lock()
	if *q.mode.Load() != m { // what was read is read again
		q.held.AskLook()
		q.mu.Unlock()
		return nil
	}
	list := q.noteLanes(&request, &claimed, known, term)
	q.recover, q.busy = false, claimed.More
	now = q.held.NoteAnswer(now, halts)
	q.held.NoteClaim(claimed.FrontLeft, time.Now())
	q.mu.Unlock()
	q.freeLanesSoon()
	err = q.admitEntries(ctx, list, now)
	q.mu.Lock()
	q.held.ReadFrontOn()
	q.mu.Unlock()
	return err
}

// lanesRequest returns the request of a claim. The caller holds q.mu.
func (q *queue) lanesRequest(m *table.Mode, term uint64) store.LanesRequest {
	s := &q.lanes
	if owner := q.firstName(); s.owner != owner {
		s.drop(&q.held)
		s.owner = owner
	}
	if s.term != term && s.term != 0 || q.recover { // ids name other entries, or a reply with entries was lost
		q.held.LoseWaiting(func(int) bool { return true })
		s.at = beginning
	}
	if s.term, s.claimed = term, s.rewinds; s.at == beginning {
		s.round++
	}
	request := store.LanesRequest{Keys: q.p.Keys(), Mode: m.String(), Organ: q.organ, Consumer: s.owner, Epoch: s.epoch, Fresh: max(s.last, s.epoch) + 1,
		Frees: s.frees, Lease: q.sub.Lease, Lanes: m.Lanes, Share: time.Since(s.shared) >= q.lookEvery()/2, Main: s.at.main, Front: s.at.front,
		Asked: q.asked, Limit: q.want, Bytes: min(q.window.AnswerRoom(), message.MaxBytes), AtOnce: conn.ReadAtOnce, Told: s.told, Loose: s.loose}
	// Of the messages that are read only those in this process's lanes count.
	if n := len(s.owned); n > 0 {
		request.Asked, request.Limit = request.Asked*m.Lanes/n, request.Limit*m.Lanes/n
	}
	return request
}

// noteLanes takes in which lanes the consumer owns, and returns the entries that are to be admitted. A lane that was taken
// just now is read by a pass that the next claim begins. Where the lanes were rewound while the claim was under way, its
// entries are left to the new pass, because they come behind those that it is to bring. The caller holds q.mu.
func (q *queue) noteLanes(request *store.LanesRequest, claimed *store.LanesReply, known map[string]uint64, term uint64) []received {
	s := &q.lanes
	rewound := s.rewinds != s.claimed
	joined := claimed.Epoch != s.epoch
	if joined { // all that was held belongs to an epoch that is over
		s.drop(&q.held)
		s.owner, s.term, s.epoch, s.owned, known = request.Consumer, term, claimed.Epoch, map[int]*ownedLane{}, nil
	}
	if joined || request.Main == beginning.main && request.Front == beginning.front {
		for _, lane := range s.owned {
			lane.read = true
		}
	}
	if claimed.Shared {
		s.shared = time.Now()
		q.noteOwned(claimed.Owned, joined)
		q.markLeaving(claimed.Excess)
	}
	filter := &laneFilter{epoch: s.epoch, round: s.round, lanes: request.Lanes, known: known, owned: map[int]places{}}
	again := false
	for number, lane := range s.owned {
		if lane.read && !lane.leaving {
			filter.owned[number] = lane.begun
		}
		again = again || !lane.read && !lane.leaving
	}
	read := places{claimed.Main, claimed.Front}
	if s.top = s.top.later(read); !rewound {
		s.at = read
	}
	if again {
		q.rewindLanes()
	}
	q.noteLoose(claimed.Loose, request.Lanes)
	if rewound {
		return nil
	}
	list := make([]received, len(claimed.Entries))
	for i, e := range claimed.Entries {
		list[i] = received{stream: e.Stream, term: term, ID: e.ID, deliveries: e.Deliveries, marks: e.Marks, Pack: e.Pack, origin: e.Origin, lanes: filter}
	}
	return list
}

// noteLoose takes in keys that were let go, of any lanes. The next claim moves what waits for those in this process's lanes, and
// sees the same keys again until none of them is; only then the one behind it looks further, and begins anew at the
// end. The caller holds q.mu.
func (q *queue) noteLoose(keys []string, lanes int) {
	s := &q.lanes
	s.loose = nil
	for _, key := range keys {
		if s.owned[contract.LaneOf(key, contract.ID{}, lanes)] != nil {
			s.loose = append(s.loose, key)
			q.held.AskLook()
		}
	}
	switch {
	case len(s.loose) > 0:
	case len(keys) >= store.MostLoose:
		s.told = keys[len(keys)-1]
	default:
		s.told = ""
	}
}

// noteOwned takes in the lanes that the consumer owns. The caller holds q.mu.
func (q *queue) noteOwned(rows []store.LaneRow, read bool) {
	owned := map[int]*ownedLane{}
	for _, row := range rows {
		lane := q.lanes.owned[row.Number]
		if lane == nil {
			lane = &ownedLane{read: read}
		}
		lane.begun, lane.stays = places{row.Main, row.Front}, row.Stays
		lane.passed, lane.leaving = row.Goes, lane.leaving || row.Goes
		owned[row.Number] = lane
	}
	q.lanes.owned = owned
}

// markLeaving has as many lanes leave as there are too many: first those of which no caller has a delivery. The caller
// holds q.mu.
func (q *queue) markLeaving(excess int) {
	s := &q.lanes
	out := q.countOut()
	for _, lane := range s.owned {
		if lane.leaving {
			excess--
		}
	}
	for _, lane := range s.owned { // other consumers have gone since
		if excess < 0 && lane.leaving && !lane.passed {
			*lane = ownedLane{begun: lane.begun}
			excess++
		}
	}
	numbers := slices.SortedFunc(maps.Keys(s.owned), func(a, b int) int { return out[a] - out[b] })
	for _, number := range numbers {
		if lane := s.owned[number]; excess > 0 && !lane.leaving && !lane.stays {
			lane.leaving = true
			excess--
		}
	}
	q.held.LoseWaiting(func(lane int) bool { return s.owned[lane] == nil || s.owned[lane].leaving })
}

// passLane has the lane of a delivery leave that was declined. The caller holds q.mu.
func (q *queue) passLane(e *held.Entry, index int) {
	q.held.LoseOne(e, index)
	number := int(e.Lanes[index])
	if lane := q.lanes.owned[number]; lane != nil && e.Epoch == q.lanes.epoch {
		lane.leaving, lane.passed = true, true
		q.held.LoseWaiting(func(lane int) bool { return lane == number })
	}
}

// countOut counts the deliveries that callers have of each lane. The caller holds q.mu.
func (q *queue) countOut() map[int]int {
	out := map[int]int{}
	q.held.EachOut(func(e *held.Entry, _, lane int) {
		if e.Epoch == q.lanes.epoch {
			out[lane]++
		}
	})
	return out
}

// laneOwner returns under which name this process owns lanes. No two of its owners have an epoch in common.
func (q *queue) laneOwner() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lanes.owner
}
