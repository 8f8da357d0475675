package loop

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Deliveries that wait in the buffer behind a slow handler are offered to other processes: an offer stores them again, as
// entries of their own at the end of the stream, where any process reads them. The states of the offers of a queue:
//
//	none --a delivery is left in the buffer--> waiting --the buffer waits for offerAfter--> offering
//	waiting --the buffer is empty, order counts, or the last consumer has left--> none
//	offering --a Fetch comes--> waiting
//	offering --an error--> none, until something is read or handed out again
//
// An offer moves nothing while all processes are busy: the script does nothing while an entry of the stream waits to be
// read, because no process is idle then. So a backlog that all processes share stays where it is.

// offerAfter is how long no Fetch has come to a queue, or the first delivery of its buffer has been read, when the
// deliveries in the buffer are offered to other processes, because the handlers of this one take long.
const offerAfter = 100 * time.Millisecond

// Bounds of an offer. Once something was taken, a pause grows from offerPause to offerAfter while no process
// has nothing to do. Where there is a backlog it grows from offerAfter to mostRest.
const (
	offerPause   = 5 * time.Millisecond
	offersAtOnce = 64
	mostRest     = 2 * offerAfter // others may have worked off the backlog meanwhile, and wait 250 ms at most
	maxOffered   = 512
)

// errOrdered ends the offers of a queue whose order counts by now. It is no fault, so nothing is logged.
var errOrdered = errors.New("redis: the order of the organ counts now")

// Offer puts deliveries that did not run back into the buffer, from where they are offered to other
// processes until the next Fetch. Suspects go back to Redis: as entries of their own they would be
// suspects no more.
func (c *consumer) Offer(ctx context.Context, ds []*contract.Delivery) error {
	if c.isClosed() {
		return contract.ErrClosed
	}
	plain := slices.DeleteFunc(slices.Clone(ds), func(d *contract.Delivery) bool { return d.Suspect })
	for p, part := range c.byPartition(plain) {
		c.queues[p].putBack(part)
	}
	if len(plain) == len(ds) {
		return nil
	}
	return c.Release(ctx, slices.DeleteFunc(slices.Clone(ds), func(d *contract.Delivery) bool { return !d.Suspect }))
}

// putBack takes deliveries back into the buffer, for a Fetch of this process or an offer to others, whichever comes
// first. Their leases are this package's to renew from then on (keepLeases).
func (q *queue) putBack(ds []*contract.Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held.GiveBack(ds, q.order() != "-")
	q.notifyWaiting()
	q.offerLater()
}

// mayOffer reports whether other processes may run the deliveries that wait here. Where order counts they may not,
// because a message that is stored again comes behind all others.
func (q *queue) mayOffer() bool { return q.order() == "-" && !q.exclusive() }

// offerLater starts the offers of the deliveries in the buffer, unless they are under way. One goroutine makes all
// offers of a queue; q.offering says that it runs. The caller holds q.mu.
func (q *queue) offerLater() {
	if q.offering || q.held.Buffered() == 0 || !q.mayOffer() {
		return
	}
	q.offering = true
	q.p.process.Workers.Go(q.offerWaiting)
}

// offerWaiting offers the deliveries in the buffer while they wait for long, and ends when nothing waits.
func (q *queue) offerWaiting() { q.paceOffers(q.offerSome) }

// paceOffers makes offers as long as deliveries wait in the buffer; offer is [queue.offerSome]. Messages are stored again
// from the end of the buffer, so that those of one process keep their order, and each call stores some only when those of
// the call before were read. So as many go as there are processes with nothing to do, one message each: they may all take
// long. Where a process comes back for more after a pause they do not, and twice as many go at a time.
func (q *queue) paceOffers(offer func(ctx context.Context, calls, amount int) (moved int, err error)) {
	ctx, taken := q.p.process.Done, false // whether something was taken since handlers were quick last
	for calls, amount, pause := 1, 1, offerAfter; ; {
		wait, ok := q.waitsFor()
		if !ok {
			return
		}
		// While Fetches come the buffer is not offered, and the pace of former offers says nothing about the next one:
		// handlers are quick, so it begins with one message.
		moved := 0
		if wait > 0 {
			calls, amount, pause, taken = 1, 1, offerAfter, false
		} else {
			var err error
			if moved, err = offer(ctx, calls, amount); err != nil {
				q.endOffers(err)
				return
			}
			taken = taken || moved > 0
			q.restFromOffers(!taken)
			switch {
			case moved == calls: // there may be more processes with nothing to do
				calls, pause = min(2*calls, offersAtOnce), offerPause
				continue
			case moved > 0:
				amount, pause = min(2*amount, maxOffered), offerPause
			default:
				pause = min(2*pause, offerAfter)
			}
			calls, wait = 1, pause
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// restFromOffers puts off the next offer after one that was refused because there is a backlog: a process with nothing to
// do reads that first. Where many processes wait for few CPUs, each would make such offers ten times a second. There is no
// rest after an offer of which something was taken.
func (q *queue) restFromOffers(refused bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !refused {
		q.offerRest = 0
		return
	}
	q.offerRest = min(max(2*q.offerRest, offerAfter), mostRest)
	q.offerFrom = time.Now().Add(q.offerRest)
}

// waitsFor returns for how long the buffer waits until it is offered: not at all when no Fetch has come for offerAfter, or
// its first delivery was read before, and no rest is under way. It reports false, and ends the offers, when nothing waits or
// no order permits it.
func (q *queue) waitsFor() (wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	read, has := q.held.FirstOffer()
	q.offering = has && len(q.consumers) > 0 && q.p.process.Done.Err() == nil && q.mayOffer()
	if q.fetching > 0 {
		return offerAfter, q.offering
	}
	return max(0, offerAfter-max(time.Since(q.fetched), time.Since(read)), time.Until(q.offerFrom)), q.offering
}

// endOffers ends the offers after an error, until something is read or handed out again.
func (q *queue) endOffers(err error) {
	if !errors.Is(err, errOrdered) && q.p.process.Done.Err() == nil {
		q.p.process.Log.Warn("redis: cannot offer the deliveries that wait behind a slow handler to other processes", "organ", q.organ, "error", q.p.DescribeError(err))
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.offering = false
}

// offerSome makes calls of so many messages each, and returns how many of the calls stored theirs. It holds q.reading,
// because an entry that is read meanwhile would come before deliveries that return to the buffer. Deliveries are Offered
// while their call is under way, and each of them is told by keepBack what became of it, whatever the reply was.
func (q *queue) offerSome(ctx context.Context, calls, amount int) (moved int, err error) {
	if err := q.reading.lock(ctx); err != nil {
		return 0, err
	}
	defer q.reading.unlock()
	ds := q.takeLast(min(calls*amount, maxOffered))
	if len(ds) == 0 {
		return 0, nil
	}
	term, foreign, err := q.enterTerm(ctx, entriesOf(ds))
	if err != nil || len(foreign) > 0 {
		q.keepBack(ds, nil)
		return 0, err
	}
	// The calls are made from the end of the buffer. Each has deliveries in stored order, so that the messages of one
	// call keep it.
	var parts [][]contract.Delivery
	var requests []store.OfferRequest
	var steps []store.Call
	for end := len(ds); end > 0; end -= min(end, amount) {
		part := ds[max(0, end-amount):end]
		request := q.offerRequest(part)
		parts, requests, steps = append(parts, part), append(requests, request), append(steps, request.Call())
	}
	// Each call is answered on its own: another process may have taken entries of one of them over.
	for i, r := range q.p.RunAll(ctx, term, steps) {
		if conn.IsNetwork(r.Err) { // once more, which does no harm: the messages may be stored again by now
			r = q.p.RunAll(ctx, term, steps[i:i+1])[0]
		}
		offered, failed := requests[i].ReadReply(r)
		switch {
		case offered.Busy || errors.Is(failed, conn.ErrAnotherServer):
			q.keepBack(parts[i], nil)
		case failed != nil:
			if errors.Is(failed, store.ErrStale) {
				failed = errOrdered
			}
			err = firstError(err, failed)
			q.noteLostReply()
			q.keepBack(parts[i], nil)
		default:
			q.keepBack(parts[i], offered.Moved)
			moved++
		}
	}
	return moved, err
}

// takeLast begins an offer. It takes at most n deliveries that may be offered out of the buffer, from its end, because
// those at the front are next for this process.
func (q *queue) takeLast(n int) []contract.Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held.BeginOffer(n)
}

// offerRequest returns the request that offers deliveries, those of an entry together. It has no messages in it, only
// where in which entry their bytes are, because Redis has these.
func (q *queue) offerRequest(ds []contract.Delivery) store.OfferRequest {
	request := store.OfferRequest{Keys: q.p.Keys(), Organ: q.organ, Consumer: q.p.process.Name}
	for run := range held.EntryRuns(ds) {
		e := held.EntryOf(&run[0])
		offered := store.OfferEntry{ID: e.ID, Size: e.Size}
		for i := range run {
			at, size := e.MessageSpan(int(run[i].Tag))
			offered.Messages = append(offered.Messages, store.OfferMessage{Index: int(run[i].Tag), At: at, Length: size})
		}
		request.Entries = append(request.Entries, offered)
	}
	return request
}

// keepBack takes in what became of deliveries that were offered: by the answer, which has a byte for each entry, or none
// of them was stored again. Those that return to the buffer may be fetched at once.
func (q *queue) keepBack(ds []contract.Delivery, answer []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held.EndOffer(ds, answer)
	if len(answer) == 0 {
		q.notifyWaiting()
	}
}
