package loop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// A process that waits for new entries does not learn from its reads that an organ was paused, that its owner is gone,
// or that entries of a crashed process are free. So it looks now and then. A look is cheap and changes little: it tells
// the access to each organ, and whether there is work. The claims that follow do the rest.

// maxLook is how many organs one look is at, so that its script is short.
const maxLook = 256

// lookEvery returns how often the process looks at the organs that it waits for: as often as the most impatient of them
// needs, and at least twice a second.
func (p *Partition) lookEvery() time.Duration {
	every := 500 * time.Millisecond
	for _, q := range p.sortedQueues() {
		every = min(every, q.lookEvery())
	}
	return every
}

// lookAround looks at all organs whose consumers wait, in one step where they are few: a waiting organ costs no call of
// its own. Those with work to claim, or in another state than before, are told to look for themselves. After an error
// each does so when the last look is too old. The goroutine of the schedule calls it.
func (p *Partition) lookAround(ctx context.Context) {
	queues := slices.DeleteFunc(slices.Clone(p.sortedQueues()), func(q *queue) bool { return !q.isFetched() || q.lookAtLanes() })
	for some := range slices.Chunk(queues, maxLook) {
		t, err := p.CurrentTable(ctx)
		if err != nil {
			return
		}
		request := store.LookRequest{Keys: p.Keys(), Digest: t.Digest, Consumer: p.process.Name}
		for _, q := range some {
			// The look renews the ownership of this process, too.
			m := *q.mode.Load()
			owner := ""
			if m.Exclusive {
				owner = q.ownerName()
			}
			request.Organs = append(request.Organs, store.LookOrgan{Name: q.organ, Owner: owner, Lease: q.sub.Lease, Order: m.OrderParameter()})
		}
		// The time before the call counts, so that a claim which has begun since is the newer one.
		at, sent := time.Now(), p.clock.now()
		found, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		if errors.Is(err, store.ErrStale) { // another process has changed the bindings, and perhaps the order of an organ
			p.ReloadTable(ctx)
			return
		}
		if err != nil {
			p.process.Log.Debug("redis: cannot read whether organs are paused: the next look tries again", "error", err)
			return
		}
		p.seeClock(ctx, sent, found.Clock)
		for i, q := range some {
			q.noteLook(found.States[i], at)
		}
	}
}

// isFetched reports whether a consumer fetches. Only then is a look of use, because the next Fetch looks for itself.
func (q *queue) isFetched() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.fetching > 0
}

// noteLook takes in what a look has found: the access in a word, with a plus behind it where there is work to claim.
func (q *queue) noteLook(found string, at time.Time) {
	is, work := strings.CutSuffix(found, "+")
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held.NoteLook(held.Access(is), work, at) {
		q.notifyWaiting()
	}
}

// LookAgain has all organs of this process look again, so that they see at once how an operator has changed them.
func (p *Partition) LookAgain() {
	for _, q := range p.sortedQueues() {
		q.lookAgain()
	}
}
