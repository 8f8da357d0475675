package loop

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// A claim is how a queue learns which deliveries it may have. It is one script, which looks at pause, owner and holders,
// frees the messages whose key is free by now, takes over abandoned entries, and reads new ones where order counts. So no
// other call can come between the look and the lease.

// The answers of a claim in the place of an access, when it has changed nothing.
const (
	modeChanged  held.Access = "rebound" // the organ is bound in another mode by now
	clockStepped held.Access = "stepped" // the server's clock was set
)

// claimEntries looks up the access to the organ, and takes over entries whose leases ran out or that were handed back:
// as many as Fetch asks for, so that all living processes share them. Where order counts it reads new entries, too. An
// error is one that the Fetch has to report; the access is to be looked up again then.
//
// The gate counts as looking until all entries are admitted. What asks for a look meanwhile is not answered by this
// one, because the server may have answered before that happened. The caller holds q.reading.
func (q *queue) claimEntries(ctx context.Context) error {
	q.mu.Lock()
	q.held.BeginLook()
	q.mu.Unlock()
	err := q.claimSome(ctx)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held.EndLook(err != nil)
	return err
}

// claimSome makes one claim, and takes in its answer. After a lost reply it tells the server which entries it knows of, so
// that the others that are leased to it come as well.
//
// The request is put together under q.mu, and the count of halts with it: when a settle of this process pauses the organ
// while the claim is under way, the answer may be older than that pause, and does not open the organ.
func (q *queue) claimSome(ctx context.Context) error {
	if q.hasLanes() {
		return q.claimLanes(ctx)
	}
	turning := q.isTurning()
	q.mu.Lock()
	owner, recovering, busy, halts := q.ownerCandidate(), q.recover, q.busy, q.held.Halts()
	m := *q.mode.Load()
	order, limit, asked, room := m.OrderParameter(), q.want, q.asked, min(q.window.AnswerRoom(), message.MaxBytes)
	request := store.ClaimRequest{Keys: q.p.Keys(), Organ: q.organ, Mode: m.String(), Consumer: q.p.process.Name, Owner: owner, Lease: q.sub.Lease,
		Order: order, Limit: limit, Asked: asked, Bytes: room, AtOnce: conn.ReadAtOnce, Recover: recovering, New: busy, Turning: turning}
	if recovering {
		request.Known = q.held.FieldsSince(time.Now().Add(-q.sub.Lease))
	}
	q.mu.Unlock()
	// The clock and the term are read before the call is sent: behind it they may be those of a later moment than the answer.
	request.Latest = q.p.clock.latestTime()
	sent, term := q.p.clock.now(), q.p.Term()
	claimed, err := request.ReadReply(q.p.RunCall(ctx, request.Call()))
	now := held.Access(claimed.State)
	if err == nil {
		err = q.p.seeClock(ctx, sent, claimed.Clock)
	}
	if now == clockStepped && err == nil { // the clock is known by the next claim
		q.p.clock.doubtSighting()
		q.mu.Lock()
		q.held.AskLook()
		q.mu.Unlock()
		return nil
	}
	if now == modeChanged && err == nil {
		_, err := q.p.ReloadTable(ctx)
		return err
	}
	list := make([]received, len(claimed.Entries))
	for i, e := range claimed.Entries {
		list[i] = received{stream: e.Stream, term: term, ID: e.ID, deliveries: e.Deliveries, marks: e.Marks, Pack: e.Pack, origin: e.Origin}
	}
	// The script may have leased entries before the error, so the next claim asks for them.
	if err != nil {
		return q.noteFailedRead(ctx, err)
	}
	// The access counts before the entries are admitted, so that meanwhile nothing is handed out by the former one.
	q.mu.Lock()
	busy = claimed.Full || len(list) >= limit || messagesOf(list) >= asked
	now = q.held.NoteAnswer(now, halts)
	q.held.NoteClaim(claimed.FrontLeft, time.Now())
	if q.recover = false; claimed.More {
		q.held.AskLook()
	}
	if order != "" && now.IsReadable() {
		q.busy = busy
	}
	q.mu.Unlock()
	err = q.admitEntries(ctx, list, now)
	q.mu.Lock()
	q.held.ReadFrontOn()
	q.mu.Unlock()
	return err
}

// servesConsumer reports whether a consumer gets deliveries here. Of an exclusive organ, and of one with lanes, one consumer of the process does,
// the first, and another process may own the organ nevertheless: the claim finds out.
func (q *queue) servesConsumer(c *consumer) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.exclusive() && !q.hasLanes() || q.firstName() == c.name
}

// ownerCandidate returns the consumer that is to own an exclusive organ for this process; empty where no owner is needed.
// The caller holds q.mu.
func (q *queue) ownerCandidate() string {
	if !q.exclusive() {
		return ""
	}
	return q.firstName()
}

// firstName returns the name of the consumer that came first, and nothing when all have left. The caller holds q.mu.
func (q *queue) firstName() string {
	if len(q.consumers) == 0 {
		return ""
	}
	return q.consumers[0].name
}

// firstConsumer is firstName for callers without q.mu.
func (q *queue) firstConsumer() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.firstName()
}
