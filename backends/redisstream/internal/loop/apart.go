package loop

import (
	"context"
	"errors"
	"sync"

	"github.com/necrostack/necrogen/runtime/contract"
)

// A call about deliveries of several partitions is one call for each of them, all at once: a
// partition whose server is down, or does not answer, keeps none of the others waiting. Each
// goroutine writes into a place of its own, which the caller reads when all of them have ended.

// settleShare is the part of a call of Settle that one partition has. The goroutine that settles it writes results and
// err; the caller reads them when all goroutines of the call have ended.
type settleShare struct {
	q        *queue
	outcomes []contract.Outcome
	at       []int // their places in the call
	results  contract.Results
	err      error
}

// sharesByPartition divides outcomes by partition. Within a share they keep their order, and each share knows the places
// of its outcomes in the call.
func (c *consumer) sharesByPartition(outcomes []contract.Outcome) (list []*settleShare) {
	of := make([]*settleShare, len(c.queues))
	for i := range outcomes {
		p := c.partitionOf(outcomes[i].Delivery)
		if of[p] == nil {
			of[p] = &settleShare{q: c.queues[p]}
			list = append(list, of[p])
		}
		of[p].outcomes, of[p].at = append(of[p].outcomes, outcomes[i]), append(of[p].at, i)
	}
	return list
}

// settleApart settles outcomes of several partitions. Those of a partition that is down are left, for the caller to
// repeat: the error is a [contract.UnsettledError] that names them, and the results of the others count. Any other error
// is returned alone.
func (c *consumer) settleApart(ctx context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	list := c.sharesByPartition(outcomes)
	if len(list) == 0 {
		return nil, nil
	}
	var settling sync.WaitGroup
	for _, s := range list[1:] {
		settling.Go(func() { s.settleShareSoon(ctx, c.ownerName()) })
	}
	list[0].settleShareSoon(ctx, c.ownerName()) // in this goroutine: most calls have one share
	settling.Wait()
	results, left := make(contract.Results, len(outcomes)), &contract.UnsettledError{}
	for _, s := range list {
		if s.err != nil && (ctx.Err() != nil || !c.process.MayWait(s.err)) {
			return nil, s.err
		}
		if s.err != nil {
			left.Err = firstError(left.Err, s.q.p.ExplainError(s.err))
			left.Outcomes = append(left.Outcomes, s.at...)
			for _, at := range s.at {
				results[at] = contract.ResultLost
			}
			continue
		}
		for i, at := range s.at {
			results[at] = s.results.At(i)
		}
	}
	if left.Err != nil {
		return results, left
	}
	return results, nil
}

// leaveAll returns the error that leaves all outcomes to be repeated.
func leaveAll(outcomes []contract.Outcome, err error) error {
	left := &contract.UnsettledError{Err: err}
	for i := range outcomes {
		left.Outcomes = append(left.Outcomes, i)
	}
	return left
}

// settleShareSoon settles the share, unless its partition is down. It does not wait for a server that takes longer than
// settlePatience: the outcomes may be applied behind its back then, and a repetition finds them lost.
func (s *settleShare) settleShareSoon(ctx context.Context, owner string) {
	p := s.q.p
	if s.err = p.PutOff(); s.err != nil {
		return
	}
	s.results, s.err = CallWithin(ctx, &p.settles, settlePatience, func() (contract.Results, error) {
		return s.q.settling.settleOutcomes(ctx, s.outcomes, owner)
	})
}

// byPartition divides deliveries by partition, by its number; the places of partitions that have none are nil.
func (c *consumer) byPartition(ds []*contract.Delivery) [][]*contract.Delivery {
	parts := make([][]*contract.Delivery, len(c.queues))
	for _, d := range ds {
		parts[c.partitionOf(d)] = append(parts[c.partitionOf(d)], d)
	}
	return parts
}

// extendApart renews leases in several partitions, and returns those that are lost in any of them. An error of one
// partition does not keep the others from renewing.
func (c *consumer) extendApart(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	var extending sync.WaitGroup
	var mu sync.Mutex
	for p, part := range c.byPartition(ds) {
		if len(part) == 0 {
			continue
		}
		extending.Go(func() {
			gone, failed := c.queues[p].extendSoon(ctx, part, c.ownerName())
			mu.Lock()
			defer mu.Unlock()
			lost, err = append(lost, gone...), firstError(err, failed)
		})
	}
	extending.Wait()
	return lost, err
}

// extendSoon is extendLeases, which does not wait for a server that does not answer. The leases last for a while, so the
// runtime calls again before they run out.
func (q *queue) extendSoon(ctx context.Context, ds []*contract.Delivery, owner string) (lost []*contract.Delivery, err error) {
	if err := q.p.PutOff(); err != nil {
		return nil, q.p.ExplainError(err)
	}
	lost, err = CallWithin(ctx, &q.p.renewals, settlePatience, func() ([]*contract.Delivery, error) {
		return q.extendLeases(ctx, ds, owner)
	})
	return lost, q.p.ExplainError(err)
}

// releaseApart hands deliveries back to several partitions. It waits for all of them, because a release that is cut short
// leaves entries leased until their time is over.
func (c *consumer) releaseApart(ctx context.Context, ds []*contract.Delivery) error {
	errs := make([]error, len(c.queues))
	var releasing sync.WaitGroup
	for p, part := range c.byPartition(ds) {
		if len(part) > 0 {
			releasing.Go(func() { errs[p] = c.queues[p].giveUp(ctx, part) })
		}
	}
	releasing.Wait()
	return errors.Join(errs...)
}
