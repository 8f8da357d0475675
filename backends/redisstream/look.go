package redisstream

import (
	"context"
	"slices"
	"strings"
	"time"
)

// maxLook is how many organs one look is at.
const maxLook = 256

// lookEvery is how often the process looks at the organs that it waits for.
func (p *partition) lookEvery() time.Duration {
	every := 500 * time.Millisecond
	for _, q := range p.list() {
		every = min(every, q.lookEvery())
	}
	return every
}

// lookAround looks at all organs whose consumers wait, in one step where they are few: a waiting
// organ costs no call of its own. Those with work to claim, or in another state than before, are
// told to look for themselves. After an error each does so when the last look is too old.
func (p *partition) lookAround(ctx context.Context) {
	queues := slices.DeleteFunc(slices.Clone(p.list()), func(q *queue) bool { return !q.isFetched() })
	for some := range slices.Chunk(queues, maxLook) {
		t, err := p.table(ctx)
		if err != nil {
			return
		}
		keys, args := []string{p.key("bind"), p.key("pause"), p.key("n")}, []any{t.digest, p.b.process}
		for _, q := range some {
			m := *q.mode.Load()
			ordered := m.order != "-"
			keys = append(keys, q.needs(m.exclusive, "own"), q.key("q"), q.needs(ordered, "first"), q.needs(ordered, "hold"), q.needs(ordered, "wait"))
			owner := ""
			if m.exclusive {
				owner = q.owner()
			}
			args = append(args, q.organ, owner, q.sub.Lease.Milliseconds(), m.parameter())
		}
		at, sent := time.Now(), p.clock.now()
		r := p.run(ctx, lookScript, keys, args...)
		if isStale(r) { // another process has changed the bindings, and perhaps the order of an organ
			p.reload(ctx)
			return
		}
		states := r.Strings()
		if r.Err != nil || len(states) != len(some)+1 {
			p.b.log.Debug("redis: cannot look at the organs", "error", r.Err)
			return
		}
		p.see(ctx, sent, states[len(some)])
		for i, q := range some {
			q.seen(states[i], at)
		}
	}
}

// isFetched reports whether a consumer fetches.
func (q *queue) isFetched() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.fetching > 0
}

// seen takes in what a look has found.
func (q *queue) seen(found string, at time.Time) {
	is, work := strings.CutSuffix(found, "+")
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.looked.After(at) || q.looking {
		return // a claim has looked since
	}
	if work || state(is) != q.state {
		q.look = true
		q.notify()
		return
	}
	q.looked = at
}
