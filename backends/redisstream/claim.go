package redisstream

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// claimEntries looks up the state of the organ, and takes over entries whose leases ran out or that were handed back:
// as many as Fetch asks for, so that all living processes share them. Where order counts it reads new entries,
// too. A state that changes meanwhile is looked up again.
func (q *queue) claimEntries(ctx context.Context) error {
	q.mu.Lock()
	q.look, q.looking = false, true
	q.mu.Unlock()
	err := q.claimSome(ctx)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.looking = false
	q.look = q.look || err != nil
	return err
}

func (q *queue) claimSome(ctx context.Context) error {
	q.mu.Lock()
	owner, recovering, busy, halts := q.ownerCandidate(), q.recover, q.busy, q.halts
	m := *q.mode.Load()
	order, limit, asked, room := m.orderParameter(), q.want, q.asked, min(q.window.answerRoom(), maxBytes)
	request := store.ClaimRequest{Keys: q.p.keys(), Organ: q.organ, Mode: m.String(), Consumer: q.p.b.process, Owner: owner, Lease: q.sub.Lease,
		Order: order, Limit: limit, Asked: asked, Bytes: room, AtOnce: readAtOnce, Recover: recovering, New: busy}
	if recovering {
		request.Known = q.knownFields()
	}
	q.mu.Unlock()
	request.Latest = q.p.clock.latestTime()
	sent, term := q.p.clock.now(), q.p.Term()
	claimed, err := request.ReadReply(q.p.RunCall(ctx, request.Call()))
	now := state(claimed.State)
	if err == nil {
		err = q.p.seeClock(ctx, sent, claimed.Clock)
	}
	if now == stateStepped && err == nil { // the next claim knows better
		q.p.clock.doubtSighting()
		q.mu.Lock()
		q.look = true
		q.mu.Unlock()
		return nil
	}
	if now == stateRebound && err == nil {
		_, err := q.p.reloadTable(ctx)
		return err
	}
	list := make([]received, len(claimed.Entries))
	for i, e := range claimed.Entries {
		list[i] = received{stream: e.Stream, term: term, id: e.ID, deliveries: e.Deliveries, marks: e.Marks, pack: e.Pack, origin: e.Origin}
	}
	if err != nil {
		return q.noteFailedRead(ctx, err)
	}
	q.mu.Lock()
	busy = claimed.Full || len(list) >= limit || messagesOf(list) >= asked
	now = q.noteState(now, halts)
	q.looked, q.recover, q.frontLeft = time.Now(), false, claimed.FrontLeft
	q.look = q.look || claimed.More
	if order != "" && now.isReadable() {
		q.busy = busy
	}
	q.mu.Unlock()
	err = q.admitEntries(ctx, list, now)
	q.mu.Lock()
	q.readFrontOn()
	q.mu.Unlock()
	return err
}

// knownFields lists the entries that this process knows that it holds, by their fields in part. The caller holds q.mu.
func (q *queue) knownFields() (list []string) {
	for field, e := range q.held {
		if time.Since(e.renewed) < q.sub.Lease {
			list = append(list, field)
		}
	}
	return list
}

// servesConsumer reports whether a consumer gets deliveries: of an exclusive organ one does.
func (q *queue) servesConsumer(c *consumer) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.exclusive() || q.ownerCandidate() == c.name
}

// ownerCandidate is the consumer that is to own an exclusive organ.
func (q *queue) ownerCandidate() string {
	if !q.exclusive() {
		return ""
	}
	return q.firstName()
}

// firstName is the name of the consumer that came first.
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
