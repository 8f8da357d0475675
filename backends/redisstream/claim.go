package redisstream

import (
	"context"
	"strings"
	"time"
)

// claim looks up the state of the organ, and takes over entries whose leases ran out or
// that were handed back: as many as Fetch asks for, so that all who live share them. Where order counts it reads what is new, too. What changes meanwhile
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
	owner, recovering, busy, halts := q.candidate(), q.recover, q.busy, q.halts
	m := *q.mode.Load()
	order, limit, asked, room := m.parameter(), q.want, q.asked, min(q.window.room(), maxBytes)
	known := []any{0}
	if recovering {
		known = q.known()
	}
	q.mu.Unlock()
	keys := []string{q.p.key("bind"), q.p.key("pause"), q.needs(m.exclusive, "own"), q.key("q"), q.key("part"),
		q.needs(m.fronts(), "first"), q.needs(m.order != "-", "hold"), q.needs(m.order != "-", "wait"), q.p.key("n")}
	args := []any{m.String(), q.organ, q.p.b.process, owner, q.sub.Lease.Milliseconds(), order, limit, asked, room, readAtOnce, flag(recovering), flag(busy)}
	sent, term := q.p.clock.now(), q.p.node.term.Load()
	r := q.p.run(ctx, claimScript, keys, append(append(args, q.p.clock.latest()), known...)...)
	n := r.Array()
	is, full := strings.CutSuffix(string(r.Bulk()), ">")
	is, more := strings.CutSuffix(is, "+")
	is, frontLeft := strings.CutSuffix(is, "<")
	now := state(is)
	if seen := string(r.Bulk()); r.Err == nil {
		r.Err = q.p.see(ctx, sent, seen)
	}
	if now == stateStepped && r.Err == nil { // the next claim knows better
		q.p.clock.doubt()
		q.mu.Lock()
		q.look = true
		q.mu.Unlock()
		return nil
	}
	if now == stateRebound && r.Err == nil {
		_, err := q.p.reload(ctx)
		return err
	}
	list := make([]received, 0, max(n-2, 0))
	for range max(n-2, 0) {
		r.Array()
		list = append(list, received{stream: r.Int(), term: term, id: r.Bulk(), deliveries: r.Int(), marks: r.Bulk(), pack: r.Bulk(), origin: r.Bulk()})
	}
	if r.Err != nil {
		return q.failed(ctx, r.Err)
	}
	q.mu.Lock()
	busy = full || len(list) >= limit || messagesOf(list) >= asked
	now = q.noteState(now, halts)
	q.looked, q.recover, q.frontLeft = time.Now(), false, frontLeft
	q.look = q.look || more
	if order != "" && now.readable() {
		q.busy = busy
	}
	q.mu.Unlock()
	err := q.admit(ctx, list, now)
	q.mu.Lock()
	q.readFrontOn()
	q.mu.Unlock()
	return err
}

// flag is how scripts are told what is so.
func flag(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// known lists the entries that this process knows that it holds, with their number in front. The
// caller holds q.mu.
func (q *queue) known() []any {
	list := []any{0}
	for field, e := range q.held {
		if time.Since(e.renewed) < q.sub.Lease {
			list = append(list, field)
		}
	}
	list[0] = len(list) - 1
	return list
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
