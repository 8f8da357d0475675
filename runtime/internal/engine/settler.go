package engine

import (
	"runtime"
	"sync"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// Bounds of what an organ has handled and not settled yet: a worker that finds so much on its
// way to the backend fetches no more until a call of Settle has ended.
const (
	maxUnsettled      = 8192
	maxUnsettledBytes = 4 << 20
)

// keepNotes bounds the notes that are kept to be used again while nothing is to be settled, in
// deliveries.
const keepNotes = 4 * maxBatch

// lateBackoffMax bounds the delay before late outcomes are tried again.
const lateBackoffMax = 500 * time.Millisecond

// settler settles the deliveries that the workers of one organ have finished, while they go on. It serves
// backends that store bytes, because there a settle is a round trip; elsewhere a worker settles by itself.
//
// Finished outcomes come as pages, which wait in the order in which they came. One goroutine at a time takes all
// pages that wait, settles them in one call, and ends when none is left. So one call is under way, effects keep
// their order, and a call is as large as the work that was finished during the call before it: the longer the
// round trip, the larger the calls.
//
// A page is in one of three places:
//
//	        addPage            callOnce             finishCall
//	worker ---------> waiting ----------> sending ------------> settled, or late
//
// A page's number is its place in the order of all pages, so "settled" is one counter: every page up to it has been
// settled, or was given up with the run. A worker that has to know that its outcomes are settled waits for a number.
//
// mu guards all fields but the last two, which belong to the goroutine that calls; late and tries are written by that
// goroutine alone, with mu held. There is at most one such goroutine: calling
// says so, and is set and cleared under mu together with the check whether pages wait, so that no page is left behind.
//
// Outcomes that the backend leaves (UnsettledError) are late. They stand in front of the next call,
// so that effects keep their order, and are tried again in calls of their own while nothing else is
// to be settled. Their pages count as settled: neither a worker nor a Fetch waits for them.
type settler struct {
	mu      sync.Mutex
	waiting []page        // in order; the next call takes all of them
	sending []page        // of the call that is under way
	calling bool          // a goroutine calls Settle
	count   int           // outcomes of both
	bytes   int           // and the Payloads that they keep alive
	added   uint64        // pages so far
	settled uint64        // and those of them that are settled, or given up with the run
	changed chan struct{} // closed when a call has ended; nil while no worker waits for that
	spare   []*notes      // to be used again
	kept    int           // how many deliveries these have room for

	more     chan struct{}      // closed when a page comes; nil while the goroutine does not pause
	late     late               // in order; the next call begins with them
	tries    int                // calls in a row that left some
	outcomes []contract.Outcome // late ones and those of sending in one piece; owned by the goroutine that calls
	results  []result
}

// late are outcomes that the backend has left, with what the books say of them. Their notes are not
// used again.
type late struct {
	outcomes []contract.Outcome
	results  []result
}

// page holds the outcomes of consecutive deliveries of a batch. The deliveries are copies,
// because a later Fetch may use the memory of the batch again while the outcomes are booked.
type page struct {
	outcomes []contract.Outcome
	results  []result
	bytes    int
	notes    *notes // of the batch; nil for an outcome of the watch's own
	last     bool   // no page of the batch follows: its notes can be used again
}

// notes are what a worker has to say of a batch: its outcomes, and the memory that these refer
// to. Only the worker writes to them, at places that no page holds.
//
// Notes go from the settler to a worker (blankNotes), with the pages of the batch back to the settler, and when the last
// page is settled they can be used again. So a worker has notes for each batch that is under way, and the notes of
// former batches serve the next ones. Notes that a late outcome refers to are left to the collector.
type notes struct {
	outcomes []contract.Outcome
	results  []result
	writes   []contract.StateWrite // at the indexes of their outcomes, in an organ with state
	box      outbox
	copies   []contract.Delivery
	kept     bool // an outcome is late, and refers to them; only the goroutine that settles asks
}

// settlesLater reports whether the organ's workers leave settling to the settler.
func (o *Organ) settlesLater() bool { return o.engine.SettlesLater }

// blankNotes returns notes for a batch.
func (s *settler) blankNotes() *notes {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.spare) == 0 {
		return &notes{}
	}
	n := s.spare[len(s.spare)-1]
	s.spare = s.spare[:len(s.spare)-1]
	s.kept -= cap(n.copies)
	return n
}

// cutPage returns a page of the outcomes of some deliveries of the batch, the first of which has the index from. The caller
// has the right to settle.
func (n *notes) cutPage(ds []contract.Delivery, from int) page {
	if cap(n.copies) < len(n.outcomes) {
		n.copies = make([]contract.Delivery, len(n.outcomes))
	}
	n.copies = n.copies[:len(n.outcomes)]
	upTo := from + len(ds)
	p := page{outcomes: n.outcomes[from:upTo], results: n.results[from:upTo], notes: n}
	copies := n.copies[from:upTo]
	copy(copies, ds)
	for i := range p.outcomes {
		o := &p.outcomes[i]
		o.Delivery = &copies[i]
		p.bytes += len(o.Delivery.Payload)
		for j := range o.Emit {
			p.bytes += len(o.Emit[j].Payload)
		}
	}
	return p
}

// addPage takes a page, and returns its number. It never waits.
func (s *settler) addPage(o *Organ, r *Run, p page) (number uint64) {
	s.mu.Lock()
	s.waiting = append(s.waiting, p)
	s.count += len(p.outcomes)
	s.bytes += p.bytes
	s.added++
	number = s.added
	start := !s.calling
	s.calling = true
	if s.more != nil {
		close(s.more)
		s.more = nil
	}
	s.mu.Unlock()
	if start {
		go s.settlePages(o, r)
		runtime.Gosched() // the call is sent first: a single processor would send it when the next batch is over
	}
	return number
}

// settlePages settles until no page waits and nothing is late, or the run is given up.
func (s *settler) settlePages(o *Organ, r *Run) {
	for s.callOnce(r) {
		if len(s.outcomes) > 0 { // the last page of a batch may be empty
			s.keepLate(o.settleOutcomes(r, s.outcomes, s.results, len(s.late.outcomes)))
		}
		s.finishCall()
		s.pauseForLate(r)
	}
}

// callOnce makes one call of the late outcomes and of all waiting pages, and reports whether there is any.
func (s *settler) callOnce(r *Run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Settling.Err() != nil {
		s.late = late{}
	}
	if s.calling = len(s.waiting) > 0 || len(s.late.outcomes) > 0; !s.calling {
		s.trimSpare()
		s.tellWaiting()
		return false
	}
	s.sending, s.waiting = s.waiting, s.sending[:0]
	if len(s.sending) == 1 && len(s.late.outcomes) == 0 { // nothing to put together
		s.outcomes, s.results = s.sending[0].outcomes, s.sending[0].results
		return true
	}
	s.outcomes, s.results = append(s.outcomes[:0], s.late.outcomes...), append(s.results[:0], s.late.results...)
	for i := range s.sending {
		s.outcomes = append(s.outcomes, s.sending[i].outcomes...)
		s.results = append(s.results, s.sending[i].results...)
	}
	return true
}

// keepLate takes in what a call has left.
func (s *settler) keepLate(left late) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late = left; len(left.outcomes) == 0 {
		s.tries = 0
		return
	}
	s.tries++
	for i := range s.sending {
		if n := s.sending[i].notes; n != nil {
			n.kept = true
		}
	}
}

// pauseForLate waits before the late outcomes are tried again, unless there is more to settle.
func (s *settler) pauseForLate(r *Run) {
	s.mu.Lock()
	if s.tries == 0 || len(s.waiting) > 0 {
		s.mu.Unlock()
		return
	}
	more := make(chan struct{})
	s.more = more
	timer := time.NewTimer(jitterBelow(callBackoffMin, lateBackoffMax, s.tries))
	s.mu.Unlock()
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-more:
	case <-r.Settling.Done():
	}
}

// trimSpare lets go of memory that only a long backlog needs.
func (s *settler) trimSpare() {
	for s.kept > keepNotes {
		s.kept -= cap(s.spare[len(s.spare)-1].copies)
		s.spare[len(s.spare)-1] = nil
		s.spare = s.spare[:len(s.spare)-1]
	}
	if cap(s.outcomes) > keepNotes {
		s.outcomes, s.results = nil, nil
	}
}

// finishCall lets go of the pages of a call that has ended.
func (s *settler) finishCall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sending) == 1 {
		s.outcomes, s.results = nil, nil // they belong to the notes
	}
	for i := range s.sending {
		p := &s.sending[i]
		s.count -= len(p.outcomes)
		s.bytes -= p.bytes
		if p.last && !p.notes.kept && s.kept < maxUnsettled {
			s.kept += cap(p.notes.copies)
			s.spare = append(s.spare, p.notes)
		}
	}
	s.settled += uint64(len(s.sending))
	clear(s.sending)
	s.sending = s.sending[:0]
	s.tellWaiting()
}

// tellWaiting wakes those that wait for the end of a call. The caller holds mu.
func (s *settler) tellWaiting() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// callEnded returns a channel that is closed when the call under way has ended. The caller holds mu.
func (s *settler) callEnded() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// waitForPage returns when the page of this number is settled, or given up with the run.
func (s *settler) waitForPage(number uint64) {
	s.waitUntil(func() bool { return s.settled >= number })
}

// waitUntil returns when a condition is true, which is looked at, with mu held, after each call.
func (s *settler) waitUntil(is func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !is() {
		changed := s.callEnded()
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
	}
}

// waitForAll returns when all that was added is settled, or given up with the run.
func (s *settler) waitForAll() {
	s.mu.Lock()
	added := s.added
	s.mu.Unlock()
	s.waitUntil(func() bool { return s.settled >= added && len(s.late.outcomes) == 0 })
}

// waitForRoom returns when more may be fetched, or the run is told to stop.
func (s *settler) waitForRoom(r *Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for (s.count >= maxUnsettled || s.bytes >= maxUnsettledBytes) && !r.stopping.Load() {
		changed := s.callEnded()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-r.Fetching.Done():
		}
		s.mu.Lock()
	}
}

// leasedPieces returns copies of the deliveries whose outcomes are not settled yet, in pieces of a
// batch at most: their leases are renewed.
func (s *settler) leasedPieces() (pieces [][]contract.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var piece []contract.Delivery
	take := func(outcomes []contract.Outcome) {
		for j := range outcomes {
			if piece = append(piece, *outcomes[j].Delivery); len(piece) == maxBatch {
				pieces, piece = append(pieces, piece), nil
			}
		}
	}
	take(s.late.outcomes)
	for _, pages := range [][]page{s.sending, s.waiting} {
		for i := range pages {
			take(pages[i].outcomes)
		}
	}
	if len(piece) > 0 {
		pieces = append(pieces, piece)
	}
	return pieces
}
