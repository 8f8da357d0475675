package redisstream

import (
	"context"
	"time"
)

// maxClaim is how many entries are taken over at a time.
const maxClaim = 16

// claim looks up the state of the organ, and takes over entries whose leases ran out or
// that were handed back.
func (q *queue) claim(ctx context.Context) error {
	q.mu.Lock()
	owner, order, recovering := q.candidate(), q.order, q.recover
	known := len(q.held)
	q.mu.Unlock()
	if order == "-" {
		order = ""
	}
	more := "0"
	if recovering {
		more = "1"
	}
	keys := []string{q.p.key("pause"), q.key("own"), q.key("q"), q.key("part"), q.key("first"), q.key("hold")}
	r := q.p.run(ctx, claimScript, keys, q.organ, q.p.b.process, owner, q.sub.Lease.Milliseconds(), order, maxClaim, more)
	n := r.array()
	now := state(r.bulk())
	list := make([]received, 0, max(n-1, 0))
	for range max(n-1, 0) {
		r.array()
		list = append(list, received{stream: r.int(), id: r.bulk(), deliveries: r.int(), marks: r.bulk(), pack: r.bulk(), origin: r.bulk()})
	}
	if r.err != nil {
		return q.failed(ctx, r.err)
	}
	q.mu.Lock()
	if known > 0 && recovering {
		list = q.unknown(list)
	}
	q.state, q.looked, q.recover = now, time.Now(), false
	q.look = len(list) >= maxClaim
	q.mu.Unlock()
	return q.admit(ctx, list, now)
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
	return !q.sub.Exclusive || q.candidate() == c.name
}

// candidate is the consumer that is to own an exclusive organ.
func (q *queue) candidate() string {
	if !q.sub.Exclusive || len(q.consumers) == 0 {
		return ""
	}
	return q.consumers[0].name
}
