package redisstream

import (
	"context"
	"strings"
	"time"
)

// maxClaim is how many entries are taken over at a time.
const maxClaim = 16

// claim looks up the state of the organ, and takes over entries whose leases ran out or
// that were handed back. Where order counts it reads what is new, too. What changes meanwhile
// is looked up again.
func (q *queue) claim(ctx context.Context) error {
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
	owner, recovering, busy := q.candidate(), q.recover, q.busy
	order, known, limit, asked := q.mode.Load().parameter(), len(q.held), maxClaim, q.asked
	if order != "" {
		limit = q.want
	}
	q.mu.Unlock()
	keys := []string{q.p.key("pause"), q.key("own"), q.key("q"), q.key("part"), q.key("first"), q.key("hold"), q.key("wait")}
	r := q.p.run(ctx, claimScript, keys, q.organ, q.p.b.process, owner, q.sub.Lease.Milliseconds(), order, limit, flag(recovering), flag(busy), asked)
	n := r.array()
	is, more := strings.CutSuffix(string(r.bulk()), "+")
	now := state(is)
	list := make([]received, 0, max(n-1, 0))
	for range max(n-1, 0) {
		r.array()
		list = append(list, received{stream: r.int(), id: r.bulk(), deliveries: r.int(), marks: r.bulk(), pack: r.bulk(), origin: r.bulk()})
	}
	if r.err != nil {
		return q.failed(ctx, r.err)
	}
	q.mu.Lock()
	busy = len(list) >= limit || messagesOf(list) >= asked
	if known > 0 && recovering {
		list = q.unknown(list)
	}
	q.state, q.looked, q.recover = now, time.Now(), false
	q.look = q.look || more
	if order != "" && now.readable() {
		q.busy = busy
	}
	q.mu.Unlock()
	return q.admit(ctx, list, now)
}

// flag is how scripts are told what is so.
func flag(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// unknown leaves out what this process knows that it holds.
func (q *queue) unknown(list []received) []received {
	var fresh []received
	for _, r := range list {
		e := &entry{stream: r.stream, id: string(r.id)}
		if held := q.held[e.field()]; held == nil || time.Since(held.renewed) >= q.sub.Lease {
			fresh = append(fresh, r)
		}
	}
	return fresh
}

// serves reports whether a consumer gets deliveries: of an exclusive organ one does.
func (q *queue) serves(c *consumer) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.exclusive() || q.candidate() == c.name
}

// candidate is the consumer that is to own an exclusive organ.
func (q *queue) candidate() string {
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
