package redisstream

import (
	"context"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// commit settles the outcomes of several callers together: while one command is under way,
// those that come wait for the next one.
type commit struct {
	q *queue

	mu      sync.Mutex
	busy    bool
	waiting []*settleCall
}

type settleCall struct {
	ctx      context.Context
	outcomes []contract.Outcome
	owner    string
	applied  []bool
	err      error
	done     chan struct{}
}

// settleOutcomes settles outcomes, and returns which of them were applied.
func (c *commit) settleOutcomes(ctx context.Context, outcomes []contract.Outcome, owner string) ([]bool, error) {
	call := &settleCall{ctx: ctx, outcomes: outcomes, owner: owner}
	c.mu.Lock()
	if c.busy {
		call.done = make(chan struct{})
		c.waiting = append(c.waiting, call)
		c.mu.Unlock()
		<-call.done
		return call.applied, call.err
	}
	c.busy = true
	c.mu.Unlock()
	call.applied, call.err = c.q.settleAll(ctx, outcomes, owner)
	if !c.endTurnIfIdle() {
		go c.settleFollowing()
	}
	return call.applied, call.err
}

// endTurnIfIdle reports whether no call waits, and ends the caller's turn.
func (c *commit) endTurnIfIdle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = len(c.waiting) > 0
	return !c.busy
}

// settleFollowing settles the outcomes that have come meanwhile, until no call waits.
func (c *commit) settleFollowing() {
	for !c.endTurnIfIdle() {
		c.mu.Lock()
		calls := c.waiting
		c.waiting = nil
		c.mu.Unlock()
		for len(calls) > 0 {
			n := countTogether(calls)
			c.settleCalls(calls[:n])
			calls = calls[n:]
		}
	}
}

// countTogether returns how many of the calls go in one: those of one owner.
func countTogether(calls []*settleCall) int {
	n, outcomes := 0, 0
	for n < len(calls) && calls[n].owner == calls[0].owner && (n == 0 || outcomes+len(calls[n].outcomes) <= maxOutcomes) {
		outcomes += len(calls[n].outcomes)
		n++
	}
	return n
}

func (c *commit) settleCalls(calls []*settleCall) {
	var all []contract.Outcome
	for _, call := range calls {
		all = append(all, call.outcomes...)
	}
	applied, err := c.q.settleAll(calls[0].ctx, all, calls[0].owner)
	for _, call := range calls {
		call.err = err
		if err == nil && applied != nil {
			call.applied, applied = applied[:len(call.outcomes)], applied[len(call.outcomes):]
		}
		close(call.done)
	}
}
