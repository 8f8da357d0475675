package loop

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// readers wait for new entries of all organs of a partition that have nothing to do, with blocking reads on
// connections of their own. The slow one covers organs that have had nothing for a while, and it is never ended
// for another organ's sake. The quick one covers those that the slow one does not: so an organ that works costs
// the same whatever number of organs are idle beside it.
//
// A queue is covered while a consumer waits for it (q.waiting), and no call reads by itself (q.apart). A read that is
// under way has the queues that it was begun for. When others join the quick one, or one of its own must be left alone,
// the read is ended with CLIENT UNBLOCK (a poke), and the next one covers what is wanted by then:
//
//	idle --a queue joins--> blocked --entries, the time is over, or a poke--> entries are given --> idle
//
// A third one waits for organs with lanes. It leases nothing, because every owner of a lane has to learn of a new entry: it
// waits with XREAD, and wakes the Fetch, which reads through a claim.
type readers [3]reader

const (
	slowReader = iota
	quickReader
	laneReader
)

// gatherFor is how long the slow reader waits before its first read, so that this covers all organs of a spine that
// starts. It is not ended for an organ that comes later.
const gatherFor = 100 * time.Millisecond

// coolAfter is how long an organ has had nothing when the slow reader takes it. A shorter time would move organs to and
// fro that have an event now and then, and each move ends a read of the quick one.
const coolAfter = time.Second

// init makes the readers of a partition. They run from the first queue on that joins.
func (rs *readers) init(p *Partition) {
	for i := range rs {
		rs[i] = reader{p: p, number: i, wake: make(chan struct{}, 1)}
	}
}

// joinQueue lets the readers wait for a queue too. It starts them when the first one joins. The caller holds no mutex.
func (rs *readers) joinQueue(q *queue) {
	for i := range rs {
		rs[i].joinQueue(q)
	}
}

// quitReads ends reads that cover a queue without consumers, and waits a second at most until they are over. Entries
// that they returned nevertheless have gone back then, because the next consumer must not read later ones first. A server
// that does not answer within the second keeps the read: its entries come back when their leases run out.
func (rs *readers) quitReads(ctx context.Context, q *queue) {
	for end := time.Now().Add(time.Second); rs.endCovering(q) && ctx.Err() == nil && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
}

// partQueue keeps reads from covering a queue until rejoinQueue, and ends those that are under way. It is for a call that
// reads by itself, because a blocking read would lease later entries to this process meanwhile.
func (rs *readers) partQueue(q *queue) {
	q.mu.Lock()
	q.apart++
	q.mu.Unlock()
	rs.quitReads(context.Background(), q)
}

// rejoinQueue is the opposite of partQueue. Several calls may have parted the queue; it joins again after the last.
func (rs *readers) rejoinQueue(q *queue) {
	q.mu.Lock()
	q.apart--
	waits := len(q.waiting) > 0
	q.mu.Unlock()
	if waits {
		rs.joinQueue(q)
	}
}

// endCovering reports whether reads that are under way cover a queue, and sees to their end.
func (rs *readers) endCovering(q *queue) bool {
	covering := false
	for i := range rs {
		covering = rs[i].endCovering(q) || covering
	}
	return covering
}

// awaitIdle waits until no read is under way, for so long at most, so that connections can be closed in order. Reads that
// block end by their own time, or because their consumers have left.
func (rs *readers) awaitIdle(limit time.Duration) {
	for end := time.Now().Add(limit); rs.isBlocked() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// isBlocked reports whether a read is under way.
func (rs *readers) isBlocked() bool {
	for i := range rs {
		if rs[i].isBlocked() {
			return true
		}
	}
	return false
}

// reader is one of a partition's three. Its goroutine readOn starts when the first queue joins, and ends with the process.
// The mutex of the slow one is taken behind that of the quick one, and that of a queue behind both.
//
// Invariants:
//
//   - Each queue with a consumer that waits is covered by a read, or a reader is about to begin one: joinQueue leaves a
//     notice in wake, or has the read under way ended.
//   - At most one goroutine pokes (poking). It ends when the read is over, or covers all that it is to cover.
//   - An entry goes to the queue that its stream belongs to, whichever reader has read it.
type reader struct {
	// Written by init.

	p      *Partition
	number int           // slowReader, quickReader or laneReader
	wake   chan struct{} // has room for one notice that a queue has joined

	mu       sync.Mutex      // guards what follows
	running  bool            // readOn runs, until the process is closed
	blocked  map[*queue]bool // the queues that the read under way covers; nil when none is. Replaced, never changed
	poking   bool            // pokeRead runs
	cannot   bool            // the user may not unblock clients, so reads are short
	failures int             // reads in a row that have failed
}

// joinQueue lets the reader wait for a queue too. The quick one ends a read that is under way without it.
func (r *reader) joinQueue(q *queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		r.running = true
		r.p.process.Workers.Go(r.readOn)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	if r.number != slowReader && r.blocked != nil && !r.blocked[q] && !r.poking && r.takesQueue(q) {
		r.poking = true
		r.p.process.Workers.Go(r.pokeRead)
	}
}

// takesQueue reports whether a waiting queue is this reader's. The slow one takes those that have had nothing for a
// while, unless their order holds them back: such an organ may be read again without an entry that would end the read.
// The quick one takes the rest. The caller holds mu.
func (r *reader) takesQueue(q *queue) bool {
	if laned := q.hasLanes(); laned || r.number == laneReader {
		return laned && r.number == laneReader
	}
	if r.number == quickReader {
		return !r.p.readers[slowReader].coversQueue(q)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return time.Since(q.got) >= coolAfter && q.held.Access() != held.FrontOnly
}

// yieldQueues ends a read that covers queues which the slow reader has taken over: the next of their entries
// would come to a process that works already.
func (r *reader) yieldQueues(queues []*queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.poking && slices.ContainsFunc(queues, func(q *queue) bool { return r.blocked[q] }) {
		r.poking = true
		r.p.process.Workers.Go(r.pokeRead)
	}
}

// coversQueue reports whether the read that is under way covers a queue.
func (r *reader) coversQueue(q *queue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked[q]
}

// endCovering reports whether the read that is under way covers a queue, and sees to the end of that read.
func (r *reader) endCovering(q *queue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blocked[q] && !r.poking {
		r.poking = true
		r.p.process.Workers.Go(r.pokeRead)
	}
	return r.blocked[q]
}

// isBlocked reports whether a read is under way. It is so until the entries of the read are given to their queues.
func (r *reader) isBlocked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked != nil
}

// pokeRead ends the read that is under way, so that the next one covers the queues that joined since. It repeats that
// until the read is over, because the command may come before the read has reached the server.
func (r *reader) pokeRead() {
	for pause := 100 * time.Microsecond; r.pokesOn(); pause = min(2*pause, 10*time.Millisecond) {
		if !r.p.EndBlocking(r.p.process.Done, r.number) {
			r.mu.Lock()
			r.cannot = true
			r.mu.Unlock()
		}
		select {
		case <-time.After(pause):
		case <-r.p.process.Done.Done():
		}
	}
}

// pokesOn reports whether to poke on, and notes that the loop ends where it reports false. Both are one step, so that a
// queue that joins after it starts a new loop.
func (r *reader) pokesOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.poking = r.p.process.Done.Err() == nil && r.missesQueue()
	return r.poking
}

// missesQueue reports whether the read that is under way covers an organ that has no consumers any more, or one that
// reads by itself, or the quick one covers another reader's organ or not all of its own. The caller holds mu.
func (r *reader) missesQueue() bool {
	if r.blocked == nil {
		return false
	}
	left := len(r.blocked)
	for _, q := range r.p.sortedQueues() {
		if r.blocked[q] && !q.isParted() && (r.number == slowReader || r.takesQueue(q)) {
			left--
		} else if r.number != slowReader && q.hasWaiting() && r.takesQueue(q) {
			return true
		}
	}
	return left > 0
}

// hasWaiting reports whether a consumer waits for new entries that a reader may read: the organ is readable, and no call
// reads by itself.
func (q *queue) hasWaiting() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0 && q.held.Access().IsReadable() && q.apart == 0
}

// isParted reports whether a call reads by itself, so that no reader may cover the queue.
func (q *queue) isParted() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.apart > 0
}

// readOn is the goroutine of the reader. It reads until the process is closed. After an error it waits, up to a second
// when reads keep failing, and has each Fetch that waited read by itself: that meets the error and reports it.
func (r *reader) readOn() {
	done := r.p.process.Done.Done()
	if r.number == slowReader {
		select {
		case <-time.After(gatherFor):
		case <-done:
			return
		}
	}
	for {
		queues := r.chooseQueues()
		if r.number == slowReader {
			r.p.readers[quickReader].yieldQueues(queues)
		}
		if len(queues) == 0 {
			select {
			case <-r.wake:
				continue
			case <-done:
				return
			}
		}
		err := r.readQueues(queues)
		r.mu.Lock()
		r.blocked = nil
		if err == nil {
			r.failures = 0
		} else {
			r.failures++
		}
		wait := min(20*time.Millisecond<<min(r.failures, 6), time.Second)
		r.mu.Unlock()
		if err == nil {
			continue
		}
		for _, q := range queues {
			q.lookAgain()
		}
		select {
		case <-time.After(rand.N(wait)):
		case <-done:
			return
		}
	}
}

// chooseQueues returns the queues that the next read is for, and notes that it covers them. From then on a queue that
// joins the quick reader pokes, and a call that parts its queue waits for the end of the read.
func (r *reader) chooseQueues() []*queue {
	r.mu.Lock()
	defer r.mu.Unlock()
	var queues []*queue
	covered := map[*queue]bool{}
	for _, q := range r.p.sortedQueues() {
		if q.hasWaiting() && r.takesQueue(q) {
			queues, covered[q] = append(queues, q), true
		}
	}
	if len(queues) > 0 {
		r.blocked = covered
	}
	return queues
}

// readQueues waits for entries and gives them to their queues. Redis takes the count for each stream, so that and the
// sizes of all queues' entries bound what one answer may have. When the answer is lost, each queue recovers by a claim,
// because the entries are leased to this process then.
func (r *reader) readQueues(queues []*queue) error {
	if r.number == laneReader {
		return r.awaitLanes(queues)
	}
	ctx, term := r.p.process.Done, r.p.Term()
	// The smallest wish of a queue counts, and the smallest room: an answer that one of them has lost must not be lost
	// again because of its neighbours. The halts are counted before the command is sent, because an answer that is older
	// than a halt must not open an organ.
	var streams []string
	count, bytes, room := 1<<10, 0, conn.MostRead
	owner, halts := map[string]*queue{}, map[*queue]int{}
	for _, q := range queues {
		for _, s := range q.readableStreams() {
			streams, owner[s] = append(streams, s), q
		}
		q.mu.Lock()
		halts[q] = q.held.Halts()
		count, bytes = max(1, min(count, q.want)), bytes+q.window.EntrySize()
		room = min(room, q.window.AnswerRoom())
		q.mu.Unlock()
	}
	if len(streams) == 0 {
		return nil
	}
	// Redis takes the count for each stream, so all of them together must fit into the room.
	count = max(1, min(count, room/max(bytes, 1)))
	cmds := [][]any{
		r.p.readCommand(streams, count, int(r.blockFor(queues).Milliseconds())),
		{"hgetall", r.p.Key("pause")}, // in the same round trip: entries read while an organ was paused go back
	}
	owned := slices.DeleteFunc(slices.Clone(queues), func(q *queue) bool { return !q.exclusive() })
	for _, q := range owned {
		cmds = append(cmds, []any{"get", q.key("own")})
	}
	replies, err := r.p.SendBlocking(ctx, r.number, count*len(streams), cmds...)
	if err != nil {
		return err
	}
	lists, err := ParseRead(replies[0])
	if resp.HasCode(err, "UNBLOCKED") {
		err = nil
	}
	// The gates that every queue needs are in one reply, so one that cannot be read is an error of all.
	pauses := replies[1].Pairs()
	for _, gate := range replies[1:] {
		err = firstError(err, gate.Err)
	}
	if err != nil {
		for _, q := range queues {
			q.noteLostReply()
		}
		return err
	}
	// From here on the entries are leased to this process. An error of one queue leaves the others theirs: it recovers
	// by a claim, while the entries of the others are handed out.
	owners := map[*queue]string{}
	for i, q := range owned {
		owners[q] = string(replies[2+i].Bulk())
	}
	got := map[*queue][]received{}
	for _, l := range lists {
		if q := owner[l.Name]; q != nil {
			got[q] = append(got[q], q.numberStream(l, term)...)
		}
	}
	for q, list := range got {
		if lost := r.giveEntries(ctx, q, list, q.gatedState(pauses, owners), halts[q]); lost != nil {
			q.noteLostReply()
			err = firstError(err, lost)
		}
	}
	return err
}

// giveEntries hands entries to a queue, with the access that the gates have told. Where no Fetch waits for them any more
// they go back, and so do those of an organ whose order counts by now. After an error the caller has the queue recover by
// a claim, because its entries stay leased.
func (r *reader) giveEntries(ctx context.Context, q *queue, list []received, now held.Access, haltsBefore int) error {
	if err := q.reading.lock(ctx); err != nil {
		return err
	}
	defer q.reading.unlock()
	// The mode may have changed while the read was under way.
	if q.order() != "-" { // the waiting Fetch reads through claim, because that returns the front stream first
		return q.giveBack(ctx, list)
	}
	q.mu.Lock()
	now = q.held.NoteAnswer(now, haltsBefore)
	q.mu.Unlock()
	if err := q.admitEntries(ctx, list, now); err != nil {
		return err
	}
	// All that waited are woken for these entries, and join the readers again when they find nothing.
	q.mu.Lock()
	left := q.fetching == 0
	q.busy = q.busy || len(list) >= q.want
	q.notifyWaiting()
	q.waiting = nil
	q.mu.Unlock()
	if left {
		return q.handBack(ctx, func(*held.Entry) bool { return true })
	}
	return nil
}

// giveBack releases entries as they were read. They were never a part of the share, so nothing is lost there. The caller
// holds q.reading. A consumer that waited joins the readers again by itself.
func (q *queue) giveBack(ctx context.Context, list []received) error {
	back := make([]*held.Entry, len(list))
	for i := range list {
		back[i] = &held.Entry{Stream: list[i].stream, ID: string(list[i].ID)}
	}
	err := q.releaseEntries(ctx, back, nil)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting, q.got = nil, time.Now() // the next read is not for them
	return err
}

// noteLostReply notes that the reply to a read, or to a call that may end leases, may have been lost. The next claim
// asks for entries that are leased to this process without its knowledge. The window shrinks, because the reply may have
// been too large for the network.
func (q *queue) noteLostReply() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held.AskLook()
	q.recover, q.busy = true, true
	q.window.NoteLost()
}

// blockFor returns how long a read may block: shortly where it cannot be ended from here, or where an organ may be read
// again without a notice.
func (r *reader) blockFor(queues []*queue) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cannot || r.p.IsMoving() { // a read on another node cannot be ended from here
		return 50 * time.Millisecond
	}
	wait := conn.MaxBlock
	for _, q := range queues {
		q.mu.Lock()
		if q.held.Access() == held.FrontOnly {
			wait = min(wait, 50*time.Millisecond)
		}
		q.mu.Unlock()
	}
	return wait
}
