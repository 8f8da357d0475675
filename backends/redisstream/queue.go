package redisstream

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// queue is what this process knows of one organ in one partition. Its consumers share it.
type queue struct {
	p     *partition
	organ string // the organ's identity, which its keys are named by

	sub      contract.Subscription // of the first consumer
	mode     atomic.Pointer[mode]
	binding  atomic.Pointer[contract.Binding] // the mode, as consumers tell it; nil before it is bound
	told     atomic.Bool                      // an open breaker of this process stands on the server
	entered  atomic.Bool                      // consumers share it, so its identity does not change any more
	reading  lock                             // held by the one who reads from Redis
	settling commit

	mu        sync.Mutex
	types     types    // of all consumers
	events    []string // the events that they are bound to
	consumers []*consumer
	waiting   []*consumer
	fetching  int                 // calls of Fetch that are under way
	fetched   time.Time           // when the last one ended
	buffer    []contract.Delivery // fetched and not handed out, in stored order
	held      map[string]*entry   // leased by this process, by field
	state     state
	looked    time.Time // when the state was looked up
	look      bool      // look it up before anything is read
	looking   bool      // this is under way
	offering  bool      // offerWaiting runs
	holds     int       // order=key: settles of this process that may have let keys be held
	halts     int       // settles of this process that have paused the organ
	frontLeft bool      // the front stream may hold unread entries that come before the main stream's
	got       time.Time // when something was read last
	apart     int       // those who read by themselves just now
	recover   bool      // a reply was lost: entries may be ours that we don't know of
	busy      bool      // the last read was full
	reads     bool      // the next batch is read ahead
	asked     int       // messages that whoever fetches asked for
	want      int       // entries that hold as many
	perEntry  int       // messages of an entry of the main stream, as last seen
	window    window
	trip      time.Duration // what a read takes
	sendBytes int           // most that is settled in one pipeline; 0 until one has passed
}

// state is whether an organ may be read.
type state string

const (
	stateOpen   state = "open"
	statePaused state = "paused"
	stateOwned  state = "owned" // exclusive, by another consumer
	stateHeld   state = "held"  // order=strict: only the front stream may be read
	stateKeys   state = "keys"  // order=key: open, but for some keys

	stateRebound state = "rebound" // the organ is bound in another mode by now: a reply of claim alone
	stateStepped state = "stepped" // the server's clock was set: a reply of claim alone
)

func newQueue(p *partition, sub contract.Subscription) *queue {
	sub.Lease = max(sub.Lease, time.Millisecond)
	if sub.Pack == 0 {
		sub.Pack = p.b.pack
	}
	sub.Pack = min(sub.Pack, maxPack)
	q := &queue{
		p: p, organ: sub.Organ, sub: sub, types: types{}, reading: newLock(), held: map[string]*entry{},
		look: true, busy: true, state: stateOpen, perEntry: sub.Pack, // until something is read
	}
	q.settling.q = q
	q.mode.Store(q.wantedMode())
	q.learnEvents(sub.Events)
	return q
}

// learnEvents makes events known.
func (q *queue) learnEvents(events []*contract.EventType) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := maps.Clone(q.types)
	for _, t := range events {
		known.addType(t)
	}
	q.types = known
	for _, name := range eventNames(events) {
		numberIn(&q.events, name)
	}
}

// boundEvents lists the names of the events that the organ is bound to.
func (q *queue) boundEvents() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.events)
}

func (q *queue) key(name string) string { return q.p.key(name + ":" + q.organ) }

// lookEvery is how old the state may be: a waiting Fetch looks that often for entries that others have left
// behind, and an owner renews its ownership.
func (q *queue) lookEvery() time.Duration {
	return max(5*time.Millisecond, min(q.sub.Lease/4, 500*time.Millisecond))
}

// isReadable reports whether an organ in this state has new deliveries.
func (s state) isReadable() bool { return s == stateOpen || s == stateHeld || s == stateKeys }

// noteState notes the state that an answer tells, and returns the state that counts: when a settle of
// this process has paused the organ since the call was made, the answer may be older than that pause.
// The caller holds q.mu.
func (q *queue) noteState(told state, haltsBefore int) state {
	if q.halts != haltsBefore {
		told, q.look = statePaused, true
	}
	q.state = told
	return told
}

// takeDeliveries hands out deliveries of the buffer. Where order counts, it waits until the state is looked up that a
// failure has changed.
func (q *queue) takeDeliveries(limit int) []contract.Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(limit, q.countOffered())
	if n <= 0 {
		return nil
	}
	n = wholeEntries(q.buffer, n)
	ds := q.buffer[:n:n]
	q.buffer = q.buffer[n:]
	for i := range ds {
		ds[i].Ref.(*entry).handed |= 1 << ds[i].Tag
	}
	q.readFrontOn()
	if len(q.buffer) > 0 && q.fetching > 1 { // others wait whom one notice has woken together
		for _, c := range q.consumers {
			c.notifyFetch()
		}
	}
	q.offerLater()
	return ds
}

// countOffered returns how many deliveries of the buffer may be handed out. The state that allows it must not be old:
// an organ may have been paused, or belong to another process. Behind a failed delivery of strict order, and
// while entries of the front stream are unread, only deliveries of that stream may be; of an entry that is in
// hands in part, the rest waits here.
func (q *queue) countOffered() int {
	if !q.state.isReadable() || (q.look || q.looking) && (q.order() != "-" || q.exclusive()) || time.Since(q.looked) >= q.lookEvery() {
		return 0
	}
	if q.state != stateHeld && !q.frontLeft {
		return len(q.buffer)
	}
	return q.leadingFront()
}

// readFrontOn lets the next claim come before anything else is handed out, when the front stream may hold
// more and nothing of it waits here. The caller holds q.mu.
func (q *queue) readFrontOn() { q.look = q.look || q.frontLeft && q.leadingFront() == 0 }

// leadingFront counts the deliveries of the front stream that the buffer begins with. The caller holds
// q.mu.
func (q *queue) leadingFront() int {
	n := 0
	for n < len(q.buffer) && q.buffer[n].Ref.(*entry).stream == frontStream {
		n++
	}
	return n
}

// wholeEntries returns a number of deliveries, n at most, that does not cut an entry in two
// unless it is the first one: to settle a part takes the server three times as long.
func wholeEntries(ds []contract.Delivery, n int) int {
	if n == len(ds) {
		return n
	}
	whole := n
	for whole > 0 && ds[whole-1].Ref == ds[whole].Ref {
		whole--
	}
	if whole == 0 {
		return n
	}
	return whole
}

// addEntries takes in entries that were read, and returns what of them is poison.
func (q *queue) addEntries(list []received) (bad []poison) {
	if len(list) == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.got = time.Now()
	old := len(q.buffer)
	buffer := make([]contract.Delivery, old, old+messagesOf(list)) // deliveries that were handed out have the memory before
	copy(buffer, q.buffer)
	q.buffer = buffer
	count, entries, bytes, again := 0, 0, 0, false
	for i := range list {
		var e *entry
		var p []poison
		q.buffer, e, p = list[i].unpack(q.buffer, q.p.number, q.types)
		bad = append(bad, p...)
		if e.stream == mainStream {
			count, entries = count+e.size, entries+1
		}
		bytes += len(list[i].pack)
		if known := q.held[e.markField()]; known != nil {
			known.gone, again = true, true
		}
		q.held[e.markField()] = e
	}
	if again {
		q.dropGone()
	}
	if entries > 0 {
		q.perEntry = (count + entries - 1) / entries
	}
	q.window.noteAnswer(len(list), bytes)
	if q.order() != "-" || old > 0 && (again || old < len(q.buffer) && q.standsBefore(old, old-1)) {
		q.sortBuffer()
	}
	q.offerLater()
	return bad
}

// standsBefore reports whether a delivery of the buffer stands before another one in stored order. Entries that are
// read without order come behind those that were read before, except for those that are taken over.
func (q *queue) standsBefore(i, j int) bool {
	return comparePlaces(&q.buffer[i], &q.buffer[j]) < 0
}

// messagesOf counts the messages of entries by their headers, as far as these can be true.
func messagesOf(list []received) int {
	count := 0
	for i := range list {
		n, _, _ := wire.ReadArrayLen(wire.View(list[i].pack))
		count += min(max(n, 0), maxPack)
	}
	return count
}

// sortBuffer puts the buffer into stored order.
func (q *queue) sortBuffer() {
	slices.SortStableFunc(q.buffer, func(a, b contract.Delivery) int { return comparePlaces(&a, &b) })
}

func comparePlaces(a, b *contract.Delivery) int {
	x, y := a.Ref.(*entry), b.Ref.(*entry)
	if x == y {
		return cmp.Compare(a.Tag, b.Tag)
	}
	return compareTwoPlaces(x.placeOf(int(a.Tag)), y.placeOf(int(b.Tag)))
}

// forgetEntries drops entries from the buffer, and from the held ones. The caller holds q.mu, because an entry that is
// about to go back must not be handed out any more.
func (q *queue) forgetEntries(list []*entry) {
	if len(list) == 0 {
		return
	}
	for _, e := range list {
		e.gone = true
		if q.held[e.markField()] == e {
			delete(q.held, e.markField())
		}
	}
	q.dropGone()
}

// dropGone takes the entries out of the buffer that were claimed again or given back.
func (q *queue) dropGone() {
	q.buffer = slices.DeleteFunc(q.buffer, func(d contract.Delivery) bool { return d.Ref.(*entry).gone })
	q.readFrontOn()
}

// demand is what a read is for: how many deliveries are wanted, and up to how many in the buffer
// there are too few.
type demand struct{ wanted, low int }

// fillBuffer reads the entries that there are from Redis, without waiting for more. It reports whether that is worth
// another look at the buffer.
func (q *queue) fillBuffer(ctx context.Context, d demand) (bool, error) {
	look, busy := q.missingReads(d)
	ordered := q.order() != "-"
	apart := ordered && (look || busy)
	if apart {
		q.p.readers.partQueue(q) // entries that it reads meanwhile would be overtaken
		defer q.p.readers.rejoinQueue(q)
	}
	if err := q.reading.lock(ctx); err != nil {
		return false, err
	}
	defer q.reading.unlock()
	ctx = q.p.b.done
	if look, busy = q.missingReads(d); !look && !busy {
		return q.hasAvailable(), nil // another Fetch has read meanwhile
	}
	if ordered != (q.order() != "-") || ordered && !apart {
		return true, nil
	}
	if look || ordered {
		if err := q.claimEntries(ctx); err != nil {
			return false, err
		}
	}
	q.mu.Lock()
	busy = q.busy && len(q.buffer) <= d.low && q.state.isReadable()
	q.mu.Unlock()
	if busy && !ordered {
		if err := q.readNew(ctx); err != nil {
			return false, err
		}
		busy = false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.countOffered() > 0 || q.look || busy, nil
}

// hasAvailable reports whether a consumer would get something from the buffer.
func (q *queue) hasAvailable() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.countOffered() > 0
}

// missingReads reports whether the state is to be looked up, and new entries are to be read. When the last consumer
// has left no Fetch would take them.
func (q *queue) missingReads(d demand) (look, busy bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked, q.want = d.wanted, q.window.fitEntries((d.wanted+q.perEntry-1)/q.perEntry)
	if len(q.consumers) == 0 {
		return false, false
	}
	return q.look || q.isStale(), q.busy && len(q.buffer) <= d.low
}

// isStale reports whether the state was looked up too long ago. Where nothing is read that could be
// handed out, the looks of the partition come first. The caller holds q.mu.
func (q *queue) isStale() bool {
	limit := q.lookEvery()
	if len(q.buffer) == 0 {
		limit *= 3
	}
	return time.Since(q.looked) >= limit
}

// Reading ahead. Handlers that ask for less than the first take half a millisecond or more each: deliveries that
// they do not need yet, other processes may have. The other bounds one read, as its window does.
const (
	aheadFrom = 8
	maxAhead  = 4096
)

// batchTime is how long a consumer takes for as many deliveries as it asks for (see the runtime).
const batchTime = 4 * time.Millisecond

// readAhead reads on while a batch is worked on, where there is more and handlers are fast: Redis, the
// network and this process then work at the same time. It reads what the handlers take in two round
// trips when there is less than that left for one, so that the buffer does not run empty meanwhile.
func (q *queue) readAhead(limit int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.busy || q.reads || q.look || limit < aheadFrom || q.sub.Prefetch > 0 || q.order() != "-" || q.exclusive() {
		return
	}
	inTrip := min(int(time.Duration(limit)*q.trip/batchTime), maxAhead/2)
	if len(q.buffer) > inTrip {
		return
	}
	q.reads = true
	d := demand{wanted: max(limit, 2*inTrip), low: inTrip}
	q.p.b.workers.Go(func() {
		if _, err := q.fillBuffer(q.p.b.done, d); err != nil {
			q.lookAgain() // the next Fetch meets the error by itself
		}
		q.mu.Lock()
		q.reads = false
		q.mu.Unlock()
	})
}

// noteTrip takes in how long a read took. The shortest of late counts: a longer one carried much.
func (q *queue) noteTrip(took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.trip == 0 {
		q.trip = took
	}
	q.trip = min(took, q.trip+q.trip/8)
}

// noteFailedRead notes that a read failed: its reply may have been lost.
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

// lookAgain lets every waiting Fetch look again.
func (q *queue) lookAgain() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.look = true
	q.notifyWaiting()
}

// notifyWaiting wakes who waits.
func (q *queue) notifyWaiting() {
	for _, c := range q.waiting {
		c.notifyFetch()
	}
}
