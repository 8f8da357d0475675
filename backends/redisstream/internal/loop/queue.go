package loop

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// queue is the part of one organ that this process knows in one partition. The consumers of the organ in this process
// share it, so that they share the entries that were read ahead.
//
// Three locks order its work. They are taken in this order, and no call is made to a server under mu:
//
//   - reading is held by the goroutine that reads entries from Redis, claims some, or empties the buffer. It is a
//     [lock], so that a caller whose context ends stops waiting for it.
//   - the mutex of a reader guards which queues its blocking read covers.
//   - mu guards the fields below it, held with all its entries included.
//
// The states of a queue are those of its consumers:
//
//	made --enterConsumer--> entered --the last consumer leaves--> left
//
// A queue that was made for an organ which has one already is dropped, and its consumer gets the other one. A queue that
// has left reads nothing any more. Its goroutines end by themselves, and its entries have gone back, or are free for
// other processes when their leases run out.
//
// Invariants:
//
//   - Entries are added to the share under reading alone. So no two reads mix theirs, and where order counts the buffer
//     is in stored order.
//   - A blocking read of a reader covers the queue only while apart is 0 and a consumer waits.
//   - At most one goroutine offers (offering), one reads ahead (reads), and one settles for callers (settling).
//   - recover is true from the moment that a reply may have been lost until a claim has asked for the entries in it.
type queue struct {
	// Written before the queue is entered; nothing changes them afterwards.

	p     *Partition
	organ string                // the organ's identity, which its keys are named by
	sub   contract.Subscription // of the first consumer; its lease and bounds count for all

	// Each of these guards itself.

	mode     atomic.Pointer[table.Mode]       // the order and ownership in effect; adoptMode writes it under mu
	binding  atomic.Pointer[contract.Binding] // the mode, as consumers tell it; nil before it is bound
	told     atomic.Bool                      // an open breaker of this process is known to the server
	entered  atomic.Bool                      // consumers share it, so its identity does not change any more
	reading  lock
	settling commit

	mu        sync.Mutex    // guards all below
	held      held.Share    // the leased entries, and the gate through which deliveries are handed out
	types     message.Types // of all consumers; replaced and never written to again, so a read may keep it
	events    []string      // the events that they are bound to
	consumers []*consumer   // in the order in which they came: the first owns an exclusive organ
	waiting   []*consumer   // those whose Fetch waits for the next notice
	fetching  int           // calls of Fetch that are under way
	fetched   time.Time     // when the last one ended
	offering  bool          // offerWaiting runs
	offerFrom time.Time     // when the next offer may be made
	offerRest time.Duration // how long the last rest from offers was; 0 when there was none since one was taken

	// The next read is sized by these. Those who read write them, under mu.

	recover  bool          // a reply was lost, so entries may be leased to this process that it does not know
	busy     bool          // the last read was full, so there may be more
	reads    bool          // readAhead has a read under way
	asked    int           // messages that the last Fetch asked for
	want     int           // entries that hold as many
	perEntry int           // messages of an entry of the main stream, as last seen
	window   conn.Window   // bounds the entries of an answer by their size
	trip     time.Duration // how long a read takes
	got      time.Time     // when an entry was read last
	apart    int           // calls that read by themselves, so that the readers leave the queue alone

	lanes laneShare // of an organ with lanes, or that had some

	sendBytes int // most that is settled in one pipeline; 0 until one has passed
}

// newQueue returns a queue that no consumer shares yet. Until something is read it counts as busy, and an entry as full,
// so the first read asks for as much as the first Fetch wants.
func newQueue(p *Partition, sub contract.Subscription) *queue {
	sub.Lease = max(sub.Lease, time.Millisecond)
	if sub.Pack == 0 {
		sub.Pack = p.process.Pack
	}
	sub.Pack = min(sub.Pack, message.MaxPack)
	q := &queue{
		p: p, organ: sub.Organ, sub: sub, types: message.Types{}, reading: newLock(), held: held.New(), busy: true, perEntry: sub.Pack,
	}
	q.settling.q = q
	q.mode.Store(q.wantedMode())
	q.learnEvents(sub.Events)
	return q
}

// learnEvents makes events known, with their former names and versions. A read that is under way goes on with the
// types that it has, because the map is replaced and never changed.
func (q *queue) learnEvents(events []*contract.EventType) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := maps.Clone(q.types)
	for _, t := range events {
		known.AddType(t)
	}
	q.types = known
	for _, name := range eventNames(events) {
		numberIn(&q.events, name)
	}
}

// boundEvents returns the names of the events that the organ is bound to by any consumer of this process. The caller
// owns the list.
func (q *queue) boundEvents() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.events)
}

// key returns the name of one of the keys of the organ, such as "q" for its queue.
func (q *queue) key(name string) string { return q.p.Key(name + ":" + q.organ) }

// lookEvery returns how old the access may be. A waiting Fetch looks that often for entries that others have left
// behind, and an owner renews its ownership. A quarter of the lease makes sure that an owner renews in time.
func (q *queue) lookEvery() time.Duration {
	return max(5*time.Millisecond, min(q.sub.Lease/4, 500*time.Millisecond))
}

// takeDeliveries hands out at most limit deliveries of the buffer, and none while the organ must be looked at first. The
// rest of the buffer is for other consumers that wait, and is offered to other processes after a while. The deliveries
// belong to the caller until they are settled, released or offered.
func (q *queue) takeDeliveries(limit int) []contract.Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(limit, q.countOffered())
	if n <= 0 {
		return nil
	}
	ds := q.held.Take(n)
	if q.held.Buffered() > 0 && q.fetching > 1 { // one notice has woken several consumers for one entry
		for _, c := range q.consumers {
			c.notifyFetch()
		}
	}
	q.offerLater()
	return ds
}

// countOffered returns how many deliveries of the buffer may be handed out now. The caller holds q.mu.
func (q *queue) countOffered() int {
	return q.held.CountOffered(q.order() != "-" || q.exclusive(), q.lookEvery(), time.Now())
}

// addEntries takes in entries that were read, and returns their poison, which the caller buries. The caller holds
// q.reading. The number of messages and bytes of the entries sizes the next read.
func (q *queue) addEntries(list []received) (bad []poison) {
	if len(list) == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.got = time.Now()
	count, entries, bytes, at := 0, 0, 0, 0
	q.held.AddEntries(messagesOf(list), q.order() != "-", func(ds []contract.Delivery) ([]contract.Delivery, *held.Entry) {
		if at == len(list) {
			return ds, nil
		}
		ds, e, p := list[at].unpack(ds, q.p.Number, q.types)
		bad = append(bad, p...)
		if e.Stream == held.MainStream {
			count, entries = count+e.Size, entries+1
		}
		bytes += len(list[at].Pack)
		at++
		return ds, e
	})
	if entries > 0 {
		q.perEntry = (count + entries - 1) / entries
	}
	q.window.NoteAnswer(len(list), bytes)
	q.offerLater()
	return bad
}

// messagesOf counts the messages of entries by their headers, as far as these can be true. The rest of an entry is
// unread yet, and other programs may have written it.
func messagesOf(list []received) int {
	count := 0
	for i := range list {
		n, _, _ := wire.ReadArrayLen(wire.View(list[i].Pack))
		count += min(max(n, 0), message.MaxPack)
	}
	return count
}

// demand says how much a read is to bring.
type demand struct {
	wanted int // deliveries that the buffer is to have
	low    int // with more deliveries in the buffer than these, nothing is read
}

// fillBuffer reads the entries that there are from Redis, without waiting for more. It reports whether that is worth
// another look at the buffer.
//
// Where order counts all entries come through a claim, because that returns the front stream first. A blocking read of
// the readers would overtake it, so the queue parts from them for that long.
//
// The context bounds how long the call waits for q.reading. A read that has begun goes on after it. An error is one
// that the Fetch has to report; the entries of a lost reply are asked for by the next claim.
func (q *queue) fillBuffer(ctx context.Context, d demand) (bool, error) {
	look, busy := q.missingReads(d)
	ordered := q.order() != "-"
	laned := q.hasLanes() // no reader leases entries of their streams
	apart := ordered && !laned && (look || busy)
	if apart {
		q.p.readers.partQueue(q)
		defer q.p.readers.rejoinQueue(q)
	}
	if err := q.reading.lock(ctx); err != nil {
		return false, err
	}
	defer q.reading.unlock()
	ctx = q.p.process.Done // a read that has begun is for the next Fetch as well, so it does not end with this one
	if look, busy = q.missingReads(d); !look && !busy {
		return q.hasAvailable(), nil // another Fetch has read meanwhile
	}
	// A claim of an ordered organ needs the readers away, and a read of another one must not come in its place.
	if ordered != (q.order() != "-") || laned != q.hasLanes() || ordered && !laned && !apart {
		return true, nil // the mode has changed while this call waited, so it begins again
	}
	if look || ordered {
		if err := q.claimEntries(ctx); err != nil {
			return false, err
		}
	}
	q.mu.Lock()
	busy = q.busy && q.held.Buffered() <= d.low && q.held.Access().IsReadable()
	q.mu.Unlock()
	if busy && !ordered {
		if err := q.readNew(ctx); err != nil {
			return false, err
		}
		busy = false // all entries that there are were read; a Fetch that finds nothing in them waits
	}
	// A claim of an ordered organ may have left more in the streams, or have asked for another claim.
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.countOffered() > 0 || q.held.WantsLook() || busy, nil
}

// hasAvailable reports whether a consumer would get a delivery from the buffer now.
func (q *queue) hasAvailable() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.countOffered() > 0
}

// missingReads reports whether the access is to be looked up (look), and whether new entries are to be read (busy). It
// notes how much the read is for. When the last consumer has left neither is, because no Fetch would take the entries.
func (q *queue) missingReads(d demand) (look, busy bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked, q.want = d.wanted, q.window.FitEntries((d.wanted+q.perEntry-1)/q.perEntry)
	if len(q.consumers) == 0 {
		return false, false
	}
	return q.held.WantsLook() || q.isStale(), q.busy && q.held.Buffered() <= d.low
}

// isStale reports whether the access was looked up too long ago. An organ with an empty buffer leaves that to the
// looks of the partition, which are at many organs in one call, as long as these come. The caller holds q.mu.
func (q *queue) isStale() bool {
	limit := q.lookEvery()
	if q.held.Buffered() == 0 {
		limit *= 3
	}
	return q.held.IsStale(limit, time.Now())
}

// Reading ahead. Handlers that ask for less than the first take half a millisecond or more each: deliveries that
// they do not need yet, other processes may have. The other bounds one read, as its window does.
const (
	aheadFrom = 8
	maxAhead  = 4096
)

// batchTime is how long a consumer takes for as many deliveries as it asks for: the runtime sizes its batches by it.
const batchTime = 4 * time.Millisecond

// readAhead reads on while a batch is worked on, where there is more and handlers are fast: Redis, the
// network and this process then work at the same time. It reads what the handlers take in two round
// trips when there is less than that left for one, so that the buffer does not run empty meanwhile.
func (q *queue) readAhead(limit int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.busy || q.reads || q.held.WantsLook() || limit < aheadFrom || q.sub.Prefetch > 0 || q.order() != "-" || q.exclusive() {
		return
	}
	inTrip := min(int(time.Duration(limit)*q.trip/batchTime), maxAhead/2)
	if q.held.Buffered() > inTrip {
		return
	}
	// One such read is under way at a time, because the next one sizes itself by what this one left.
	q.reads = true
	d := demand{wanted: max(limit, 2*inTrip), low: inTrip}
	q.p.process.Workers.Go(func() {
		if _, err := q.fillBuffer(q.p.process.Done, d); err != nil {
			q.lookAgain() // the next Fetch meets the error by itself
		}
		q.mu.Lock()
		q.reads = false
		q.mu.Unlock()
	})
}

// noteTrip takes in how long a read took. The shortest of the last reads counts, because a longer one carried much.
func (q *queue) noteTrip(took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.trip == 0 {
		q.trip = took
	}
	q.trip = min(took, q.trip+q.trip/8)
}

// noteFailedRead notes that a read failed, and returns the error that a Fetch has to report. There is none where the
// next claim finds the entries that this read has leased, and none when the server has lost the consumer group, once
// that is there again. The caller holds q.reading.
func (q *queue) noteFailedRead(ctx context.Context, err error) error {
	q.noteLostReply()
	if errors.Is(err, conn.ErrTooLarge) || errors.Is(err, conn.ErrAnotherServer) {
		return nil
	}
	if resp.HasCode(err, "NOGROUP", "UNBLOCKED") {
		if again := q.p.rebindOrgans(ctx); again != nil {
			return q.p.ExplainError(again)
		}
		return nil
	}
	return q.p.ExplainError(err)
}

// LookAgain has the access looked up again, by a Fetch that waits or the next one that comes.
func (q *queue) lookAgain() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held.AskLook()
	q.notifyWaiting()
}

// notifyWaiting wakes the consumers whose Fetch waits. A notice says only that there may be something: each Fetch looks
// for itself, and waits again when it finds nothing. The caller holds q.mu.
func (q *queue) notifyWaiting() {
	for _, c := range q.waiting {
		c.notifyFetch()
	}
}
