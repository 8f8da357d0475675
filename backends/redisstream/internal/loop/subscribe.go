package loop

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// A consumer comes in three steps, and leaves in one. Subscribe makes a queue for it in each partition, binds these in all
// partitions that can be reached, and enters the consumer. Nothing of this process changes before the last step, so that
// an error of the others leaves no half of a subscription. A partition whose server is down is bound when it is opened.
//
// The processes that consume an organ are known to each other by the members that they write into the partition every
// few seconds. A process that wants another mode than the bound one waits for those that want this to go.

// A consumer that tells nothing for liveFor counts as gone; it speaks every liveEvery.
const (
	liveFor   = 20 * time.Second
	liveEvery = 5 * time.Second
)

// Subscribe binds organs, all of them in one step in each partition, and returns their consumers in the same order. After
// an error this process consumes none of them. Partitions that were bound before it keep the bindings, which the next
// Subscribe finds.
func (b *Process) Subscribe(ctx context.Context, subs []contract.Subscription) ([]contract.Consumer, error) {
	if err := b.ConnectOnce(ctx); err != nil {
		return nil, err
	}
	for _, sub := range subs {
		if err := b.checkSubscription(&sub); err != nil {
			return nil, contract.Permanent(err)
		}
	}
	consumers := make([]*consumer, len(subs))
	for i, sub := range subs {
		consumers[i] = &consumer{process: b, name: b.Name + "/" + randomHex(4), wake: make(chan struct{}, 1), closed: make(chan struct{})}
		for _, p := range b.Partitions {
			consumers[i].queues = append(consumers[i].queues, newQueue(p, sub))
		}
	}
	if err := b.bindAll(ctx, consumers); err != nil {
		return nil, err
	}
	out := make([]contract.Consumer, len(subs))
	for i, c := range consumers {
		out[i] = c
	}
	return out, nil
}

// bindAll binds the queues of consumers in each partition. The first partition that can be reached decides on the
// identities of organs, because these must be the same in all. The other ones are bound at the same time. Those whose
// servers are down bind them when they serve again.
func (b *Process) bindAll(ctx context.Context, consumers []*consumer) error {
	down := make([]error, len(b.Partitions))
	leader := -1
	for at, p := range b.Partitions {
		err := p.bindFor(ctx, consumers)
		if err == nil {
			leader = at
			break
		}
		if down[at] = err; !b.MayWait(err) || at == len(b.Partitions)-1 {
			return p.ExplainError(err)
		}
	}
	for _, c := range consumers {
		for _, q := range c.queues {
			q.organ = c.queues[leader].organ
		}
	}
	// The partitions before the leader are down.
	var binding sync.WaitGroup
	for at, p := range b.Partitions[leader+1:] {
		binding.Go(func() { down[leader+1+at] = p.bindFor(ctx, consumers) })
	}
	binding.Wait()
	for at, p := range b.Partitions {
		if err := down[at]; err != nil && !b.MayWait(err) {
			return p.ExplainError(err)
		}
	}
	for at, p := range b.Partitions {
		for _, c := range consumers {
			c.queues[at] = p.enterConsumer(c.queues[at], c)
		}
		if down[at] != nil { // behind enterConsumer, so that the goroutine that opens it finds the queues
			p.opened.Store(false)
			b.Log.Warn("redis: a partition is down: its organs are bound when it serves again", "partition", at, "error", p.DescribeError(down[at]))
		}
	}
	return nil
}

// bindFor binds the queues of consumers in this partition. They are not entered yet: the caller does so when it knows
// that no partition refuses them.
func (p *Partition) bindFor(ctx context.Context, consumers []*consumer) error {
	if err := p.OpenOnce(ctx); err != nil {
		return err
	}
	queues := make([]*queue, len(consumers))
	for i, c := range consumers {
		queues[i] = c.queues[p.Number]
	}
	return p.bindOrgans(ctx, queues)
}

// randomHex returns n random bytes as hexadecimal digits.
func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// checkSubscription refuses what no backend takes, and what one script cannot promise over several partitions.
func (b *Process) checkSubscription(sub *contract.Subscription) error {
	if err := sub.Check(); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	n := len(b.Partitions)
	switch {
	case n > 1 && sub.State: // before the order by key, which it implies
		return fmt.Errorf("subscribe organ %s: it has a state for each key, which the %d partitions would not find at each other's: use one partition",
			sub.Organ, n)
	case n > 1 && sub.Exclusive:
		return fmt.Errorf("subscribe organ %s: it is exclusive, and each of the %d partitions would have its own owner: use one partition",
			sub.Organ, n)
	case n > 1 && sub.Order == contract.OrderStrict:
		return fmt.Errorf("subscribe organ %s: order=strict is the order of all its events, and each of the %d partitions would have its own: use one partition, or order=key",
			sub.Organ, n)
	}
	return nil
}

// enterConsumer makes a consumer's queue known, or gives it the one that there is for its organ, whose lease and bounds
// stay as they are. It returns the queue that the consumer has from then on. The goroutine of the schedule runs from the
// first consumer on.
func (p *Partition) enterConsumer(q *queue, c *consumer) *queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.queues[q.organ]; known != nil {
		known.learnEvents(q.sub.Events)
		q = known
	}
	p.queues[q.organ], p.sorted = q, nil
	q.entered.Store(true)
	q.mu.Lock()
	q.consumers = append(q.consumers, c)
	q.held.AskLook()
	q.mu.Unlock()
	p.schedule.startOnce()
	return q
}

// exitConsumer is the opposite of enterConsumer. It reports whether c was the last one. The queue leaves the partition with
// it, in the same step, so that a new consumer gets a queue of its own.
func (p *Partition) exitConsumer(q *queue, c *consumer) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.consumers = slices.DeleteFunc(q.consumers, func(other *consumer) bool { return other == c })
	q.held.AskLook() // an exclusive organ has another owner now
	if last = len(q.consumers) == 0; last {
		delete(p.queues, q.organ)
		p.sorted = nil
	}
	return last
}

// sortedQueues returns the queues of this process by name. The caller must not change the slice, which others have too:
// each read asks for it, so it is made once after a change.
func (p *Partition) sortedQueues() []*queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sorted == nil {
		for _, q := range p.queues {
			p.sorted = append(p.sorted, q)
		}
		slices.SortFunc(p.sorted, func(a, b *queue) int { return strings.Compare(a.organ, b.organ) })
	}
	return p.sorted
}

// eventNames returns the names that an organ is bound to: those of its events, and their former ones.
func eventNames(events []*contract.EventType) []string {
	var names []string
	for _, t := range events {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			numberIn(&names, name)
		}
	}
	return names
}

// leaveConsumer ends a consumer's part. With the last one of this process, entries that were only read go back, and
// those in its hands are free for other processes, which suspect them. The blocking reads end first, because they could
// bring more entries after the buffer was emptied. No error is returned: entries that stay leased are free in time.
func (q *queue) leaveConsumer(ctx context.Context, c *consumer) {
	p := q.p
	last := p.exitConsumer(q, c)
	if p.speaking.lock(ctx) != nil {
		return
	}
	defer p.speaking.unlock()
	// One step tells the server all of it: which entries are free, that the member is gone, and that the organ has no owner.
	request := store.LeaveRequest{Keys: p.Keys(), Organ: q.organ, Front: q.mode.Load().UsesFront()}
	if q.exclusive() {
		request.Owner = c.name
	}
	q.leaveLanes(ctx, c)
	if last {
		p.readers.quitReads(ctx, q)
		q.emptyBuffer(ctx)
		if !slices.Contains(p.organNames(), q.organ) { // no consumer has entered since
			request.Member = q.liveMember()
		}
		if q.told.Load() {
			_ = q.tellBreaker(ctx, contract.BreakerState{}) // a process that is gone tells no breaker
		}
		request.Consumer = p.process.Name
		q.mu.Lock()
		for e := range q.held.Entries() {
			request.Entries = append(request.Entries, store.LeaveEntry{Stream: e.Stream, ID: e.ID})
			request.Front = request.Front || e.Stream == held.FrontStream
		}
		q.mu.Unlock()
	}
	p.RunCall(ctx, request.Call()) // what stays behind is free when its lease has run out
}

// closeConsumers closes the consumers of a process that is closed. It returns when they have left, and the blocking reads
// have ended or a second has passed.
func (p *Partition) closeConsumers() {
	var leaving sync.WaitGroup
	for _, q := range p.sortedQueues() {
		leaving.Go(q.closeAll)
	}
	leaving.Wait()
	p.readers.awaitIdle(time.Second)
}

// closeAll closes the consumers that share the queue, one after the other, so that the last one empties it.
func (q *queue) closeAll() {
	q.mu.Lock()
	consumers := slices.Clone(q.consumers)
	q.mu.Unlock()
	for _, c := range consumers {
		c.Close()
	}
}
