package loop

import (
	"context"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// An entry is leased to this process for q.sub.Lease from when it was read or renewed. When that is over any process may
// claim it. The runtime renews the leases of deliveries that it has (Extend), and this package those of entries in the
// buffer (keepLeases). Only what Redis still has pending for this process is renewed, in one step, so that no lease is
// taken back from a process that has claimed the entry. A lease ends early by a release, which makes the entry claimable
// at once.

// leased is an entry that a call is about, with the messages whose marks the call changes. Only the goroutine of the call
// uses it; q.mu guards the entry.
type leased struct {
	e      *held.Entry
	marks  []int // indexes of suspects and of given up messages, whose marks are set or taken away
	giving []int // indexes of messages that are being given up, and marked as that
}

// byEntry groups deliveries by their entries, in the order in which these come first. Those of an entry that is leased
// no more are left out. With marked, the suspects among the deliveries are noted, and those that are being given up: a
// mark tells the next process that has the entry how often a suspect was started. The caller holds q.mu.
func byEntry(ds []*contract.Delivery, marked bool) []*leased {
	var list []*leased
	at := map[*held.Entry]*leased{}
	for _, d := range ds {
		e := held.EntryOf(d)
		if !e.IsLeased() {
			continue
		}
		l := at[e]
		if l == nil {
			l = &leased{e: e}
			at[e], list = l, append(list, l)
		}
		bit := uint64(1) << d.Tag
		if marked && d.GivingUp {
			e.GivenUp |= bit
			l.giving = append(l.giving, int(d.Tag))
		}
		if marked && (d.Suspect || e.GivenUp&bit != 0) {
			l.marks = append(l.marks, int(d.Tag))
		}
	}
	return list
}

// extendLeases renews the leases of deliveries, marks the suspects among them as started, and returns those whose entry
// is not leased to this process any more. A lease is that of a whole entry: a delivery that was settled alone is not
// lost while the rest of its pack is leased.
func (q *queue) extendLeases(ctx context.Context, ds []*contract.Delivery, owner string) (lost []*contract.Delivery, err error) {
	ds, inLanes := divideLanes(ds)
	if len(inLanes) > 0 {
		if lost, err = q.extendLanes(ctx, inLanes); err != nil {
			return nil, q.p.ExplainError(err)
		}
	}
	q.mu.Lock()
	list := byEntry(ds, true)
	q.mu.Unlock()
	if err := q.renewEntries(ctx, list, owner); err != nil {
		return nil, q.p.ExplainError(err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, d := range ds {
		if !held.EntryOf(d).IsLeased() { // by this answer, or because another call has lost it meanwhile
			lost = append(lost, d)
		}
	}
	return lost, nil
}

// renewEntries renews the leases of entries, and loses those that the server has given to another process. A lease
// begins when the call is made, because the server may have answered long before its reply comes. With an owner the call
// renews the ownership of an exclusive organ as well. After an error the leases are as old as before.
func (q *queue) renewEntries(ctx context.Context, list []*leased, owner string) error {
	if len(list) == 0 {
		return nil
	}
	// The entries are not locked while the call is made. One that is settled or lost meanwhile stays that: the answer
	// renews its time, and losing it once more changes nothing.
	request := store.ExtendRequest{Keys: q.p.Keys(), Organ: q.organ, Consumer: q.p.process.Name, Owner: owner, Lease: q.sub.Lease}
	for _, l := range list {
		request.Entries = append(request.Entries, store.ExtendEntry{Stream: l.e.Stream, ID: l.e.ID, Size: l.e.Size, Marks: l.marks, Giving: l.giving})
	}
	start := time.Now()
	extended, err := request.ReadReply(q.p.RunCall(ctx, request.Call()))
	if err != nil {
		return err
	}
	var gone []*held.Entry
	q.mu.Lock()
	for i, l := range list {
		if extended.Renewed[i] == '1' {
			l.e.Renewed = start
		} else {
			gone = append(gone, l.e)
		}
	}
	q.held.Lose(gone)
	q.mu.Unlock()
	return nil
}

// giveUp takes back deliveries that a caller releases. Those whose key is held are set aside. An entry that no handler
// works on any more goes back to Redis, and the rest waits here for the next Fetch.
//
// Where order counts, that Fetch claims first: a failed delivery may hold back those that were released, and until the
// server has answered the call that sets them aside, only its hash of holders tells. No claim may come between, so
// q.reading is held: it would find the later deliveries of those that go back, and not yet the first.
func (q *queue) giveUp(ctx context.Context, ds []*contract.Delivery) error {
	ds, inLanes := divideLanes(ds)
	if len(inLanes) > 0 {
		if err := q.giveUpLanes(ctx, inLanes); err != nil || len(ds) == 0 {
			return q.p.ExplainError(err)
		}
	}
	ordered := q.order() != "-" && len(ds) > 0
	if ordered {
		if err := q.reading.lock(ctx); err != nil {
			return err
		}
		defer q.reading.unlock()
	}
	q.mu.Lock()
	list := byEntry(ds, true)
	q.held.GiveBack(ds, ordered)
	if ordered {
		q.held.AskLook() // nothing is handed out while the buffer is set aside
	}
	q.mu.Unlock()
	var err error
	if q.order() == "key" {
		err = q.setAside(ctx)
	}
	q.mu.Lock()
	// Those that go back are chosen and lost in one go, so that no Fetch gets a delivery of them in between.
	var back []*held.Entry
	for _, l := range list {
		if l.e.IsIdle() && !l.e.IsFinished() {
			back = append(back, l.e)
		}
	}
	if len(back) < len(list) {
		q.notifyWaiting()
	}
	q.held.Lose(back)
	q.mu.Unlock()
	return q.p.ExplainError(firstError(err, q.releaseEntries(ctx, back, list)))
}

// releaseEntries hands entries back, and takes the marks of started suspects away, so that an end of the process does
// not count as their crash. The entries are lost to the share already. Where the call fails they are free when their
// leases have run out; the next claim asks for what this process does not know of.
func (q *queue) releaseEntries(ctx context.Context, back []*held.Entry, marked []*leased) error {
	// An entry may go back, have marks to take away, or both. Each is in the call once.
	list := make([]*leased, 0, len(back))
	for _, e := range back {
		i := slices.IndexFunc(marked, func(l *leased) bool { return l.e == e })
		if i < 0 {
			list = append(list, &leased{e: e})
		}
	}
	for _, l := range marked {
		if len(l.marks) > 0 || slices.Contains(back, l.e) {
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		return nil
	}
	request := store.ReleaseRequest{Keys: q.p.Keys(), Organ: q.organ, Consumer: q.p.process.Name}
	for _, l := range list {
		request.Entries = append(request.Entries,
			store.ReleaseEntry{Stream: l.e.Stream, ID: l.e.ID, Whole: slices.Contains(back, l.e), Marks: l.marks})
	}
	if err := q.p.PutOff(); err != nil { // the server is down
		q.noteLostReply()
		return err
	}
	r := q.p.RunCall(ctx, request.Call())
	if conn.IsNetwork(r.Err) {
		// An entry that stays leased here is of no use to other processes. So the call is made once more, which does no
		// harm: what was handed back is not this process's any more, and is left alone.
		r = q.p.RunCall(ctx, request.Call())
	}
	err := request.ReadReply(r)
	if err != nil {
		q.noteLostReply()
	}
	q.lookAgain()
	return err
}

// keepLeases renews the leases of the entries in the buffer; callers renew those of their deliveries. When no Fetch came
// for a third of the lease, the entries that no handler of this process works on go back: a breaker may be open, or a
// handler hang, and other processes can run them. The goroutine of the schedule calls it, at least six times a lease. An
// error is logged, because no caller waits for it; the next call tries again while the leases last.
func (q *queue) keepLeases(ctx context.Context) {
	// The time since the last Fetch counts from its end: the deliveries that it returned take as long as they take.
	q.mu.Lock()
	deserted := q.fetching == 0 && time.Since(q.fetched) >= q.sub.Lease/3
	q.mu.Unlock()
	var err error
	if deserted {
		if err = q.reading.lock(ctx); err == nil {
			err = q.handBack(ctx, func(*held.Entry) bool { return true })
			q.reading.unlock()
		}
	}
	q.mu.Lock()
	var list []*leased
	for _, e := range q.held.RenewedBefore(time.Now().Add(-q.sub.Lease / 3)) {
		if e.Epoch == 0 { // a Fetch renews lanes
			list = append(list, &leased{e: e})
		}
	}
	owner := q.ownerCandidate()
	q.mu.Unlock()
	q.freeLanesSoon()
	if err = firstError(err, q.renewEntries(ctx, list, owner)); err != nil && ctx.Err() == nil {
		q.p.process.Log.Warn("redis: cannot renew leases", "organ", q.organ, "error", q.p.ExplainError(err))
	}
}
