package redisstream

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// readers wait for new entries of all organs of a partition that have nothing to do, with two blocking reads on
// connections of their own. The slow one covers organs that have had nothing for a while, and it is never ended
// for another organ's sake. The quick one covers those that the slow one does not: so an organ that works costs
// the same whatever number of organs are idle beside it.
type readers [2]reader

const (
	slowReader = iota
	quickReader
)

// gatherFor is how long the slow reader waits before its first read.
const gatherFor = 100 * time.Millisecond

// coolAfter is how long an organ has had nothing when the slow reader takes it.
const coolAfter = time.Second

func (rs *readers) init(p *partition) {
	for i := range rs {
		rs[i] = reader{p: p, number: i, wake: make(chan struct{}, 1)}
	}
}

// joinQueue lets the readers wait for a queue too.
func (rs *readers) joinQueue(q *queue) {
	for i := range rs {
		rs[i].joinQueue(q)
	}
}

// quitReads ends reads that cover a queue without consumers, and waits a second at most until they are over. Entries
// that they returned nevertheless have gone back then, because the next consumer must not read later ones first.
func (rs *readers) quitReads(ctx context.Context, q *queue) {
	for end := time.Now().Add(time.Second); rs.endCovering(q) && ctx.Err() == nil && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
}

// partQueue keeps reads from covering a queue until rejoin, and ends those that are under way.
func (rs *readers) partQueue(q *queue) {
	q.mu.Lock()
	q.apart++
	q.mu.Unlock()
	rs.quitReads(context.Background(), q)
}

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
	slow, quick := rs[slowReader].endCovering(q), rs[quickReader].endCovering(q)
	return slow || quick
}

// awaitIdle waits until no read is under way, so that connections can be closed in order.
func (rs *readers) awaitIdle(limit time.Duration) {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if !rs[slowReader].isBlocked() && !rs[quickReader].isBlocked() {
			return
		}
	}
}

// reader is one of a partition's two.
type reader struct {
	p      *partition
	number int
	wake   chan struct{}

	mu       sync.Mutex
	running  bool
	blocked  map[*queue]bool // what the read that is under way covers; nil when none is
	poking   bool
	cannot   bool // the user may not unblock clients
	failures int
}

// joinQueue lets the reader wait for a queue too.
func (r *reader) joinQueue(q *queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		r.running = true
		r.p.b.workers.Go(r.readOn)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	if r.number == quickReader && r.blocked != nil && !r.blocked[q] && !r.poking && r.takesQueue(q) {
		r.poking = true
		r.p.b.workers.Go(r.pokeRead)
	}
}

// takesQueue reports whether a waiting queue is this reader's. The caller holds mu; the quick reader's is
// taken before the slow one's.
func (r *reader) takesQueue(q *queue) bool {
	if r.number == quickReader {
		return !r.p.readers[slowReader].coversQueue(q)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return time.Since(q.got) >= coolAfter && q.state != stateHeld
}

// yieldQueues ends a read that covers queues which the slow reader has taken over: the next of their entries
// would come to a process that works already.
func (r *reader) yieldQueues(queues []*queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.poking && slices.ContainsFunc(queues, func(q *queue) bool { return r.blocked[q] }) {
		r.poking = true
		r.p.b.workers.Go(r.pokeRead)
	}
}

// coversQueue reports whether the read that is under way covers a queue.
func (r *reader) coversQueue(q *queue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked[q]
}

// endCovering is covers, and sees to the end of that read.
func (r *reader) endCovering(q *queue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blocked[q] && !r.poking {
		r.poking = true
		r.p.b.workers.Go(r.pokeRead)
	}
	return r.blocked[q]
}

func (r *reader) isBlocked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked != nil
}

// pokeRead ends the read that is under way, so that the next one covers who came since.
func (r *reader) pokeRead() {
	for pause := 100 * time.Microsecond; r.pokesOn(); pause = min(2*pause, 10*time.Millisecond) {
		if !r.p.EndBlocking(r.p.b.done, r.number) {
			r.mu.Lock()
			r.cannot = true
			r.mu.Unlock()
		}
		// The read may not have reached the server yet.
		select {
		case <-time.After(pause):
		case <-r.p.b.done.Done():
		}
	}
}

// pokesOn reports whether to poke on. A queue that joins after pokes has reported false starts a new loop.
func (r *reader) pokesOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.poking = r.p.b.done.Err() == nil && r.missesQueue()
	return r.poking
}

// missesQueue reports whether the read that is under way covers an organ that has no consumers any more,
// or the quick one covers another reader's organ or not all of its own.
func (r *reader) missesQueue() bool {
	if r.blocked == nil {
		return false
	}
	left := len(r.blocked)
	for _, q := range r.p.sortedQueues() {
		if r.blocked[q] && !q.isParted() && (r.number == slowReader || r.takesQueue(q)) {
			left--
		} else if r.number == quickReader && q.hasWaiting() && r.takesQueue(q) {
			return true
		}
	}
	return left > 0
}

// hasWaiting reports whether a consumer waits for new entries.
func (q *queue) hasWaiting() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0 && q.state.isReadable() && q.apart == 0
}

func (q *queue) isParted() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.apart > 0
}

// readOn reads until the backend is closed.
func (r *reader) readOn() {
	done := r.p.b.done.Done()
	if r.number == slowReader { // so that its first read covers all organs of a spine that starts
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
			q.lookAgain() // the waiting Fetch meets the error by itself, and reports it
		}
		select {
		case <-time.After(rand.N(wait)):
		case <-done:
			return
		}
	}
}

// chooseQueues returns the queues that the next read is for.
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

// readQueues waits for entries and gives them to their queues.
func (r *reader) readQueues(queues []*queue) error {
	ctx, term := r.p.b.done, r.p.Term()
	var streams []string
	count, bytes, room := 1<<10, 0, mostRead
	owner, halts := map[string]*queue{}, map[*queue]int{}
	for _, q := range queues {
		for _, s := range q.readableStreams() {
			streams, owner[s] = append(streams, s), q
		}
		q.mu.Lock()
		halts[q] = q.halts
		count, bytes = max(1, min(count, q.want)), bytes+q.window.entrySize()
		room = min(room, q.window.answerRoom())
		q.mu.Unlock()
	}
	if len(streams) == 0 {
		return nil
	}
	count = max(1, min(count, room/max(bytes, 1))) // which Redis takes for each stream
	cmds := [][]any{
		r.p.readCommand(streams, count, int(r.blockFor(queues).Milliseconds())),
		{"hgetall", r.p.key("pause")}, // in the same round trip: entries read while an organ was paused go back
	}
	owned := slices.DeleteFunc(slices.Clone(queues), func(q *queue) bool { return !q.exclusive() })
	for _, q := range owned {
		cmds = append(cmds, []any{"get", q.key("own")})
	}
	replies, err := r.p.SendBlocking(ctx, r.number, count*len(streams), cmds...)
	if err != nil {
		return err
	}
	lists, err := parseRead(replies[0])
	if resp.HasCode(err, "UNBLOCKED") {
		err = nil
	}
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
	owners := map[*queue]string{}
	for i, q := range owned {
		owners[q] = string(replies[2+i].Bulk())
	}
	got := map[*queue][]received{}
	for _, l := range lists {
		if q := owner[l.name]; q != nil {
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

// gatedState is the state of a queue by the replies to gates. Of an ordered organ nothing is read: what
// holds it back is claim's to know.
func (q *queue) gatedState(pauses map[string]string, owners map[*queue]string) state {
	_, paused := pauses[q.organ]
	_, full := pauses[q.organ+"!"]
	owner, owned := owners[q]
	switch {
	case paused || full:
		return statePaused
	case owned && !q.ownsOrgan(owner):
		return stateOwned
	}
	return stateOpen
}

// giveEntries hands entries to a queue. Where no Fetch waits for them any more they go back.
func (r *reader) giveEntries(ctx context.Context, q *queue, list []received, now state, haltsBefore int) error {
	if err := q.reading.lock(ctx); err != nil {
		return err
	}
	defer q.reading.unlock()
	if q.order() != "-" { // the waiting Fetch reads through claim, because that returns the front stream first
		return q.giveBack(ctx, list)
	}
	q.mu.Lock()
	now = q.noteState(now, haltsBefore)
	q.mu.Unlock()
	if err := q.admitEntries(ctx, list, now); err != nil {
		return err
	}
	q.mu.Lock()
	left := q.fetching == 0
	q.busy = q.busy || len(list) >= q.want
	q.notifyWaiting()
	q.waiting = nil // the next read is not for them
	q.mu.Unlock()
	if left {
		return q.handBack(ctx, func(*entry) bool { return true })
	}
	return nil
}

// giveBack releases entries as they were read.
func (q *queue) giveBack(ctx context.Context, list []received) error {
	back := make([]*entry, len(list))
	for i := range list {
		back[i] = &entry{stream: list[i].stream, id: string(list[i].id)}
	}
	err := q.releaseEntries(ctx, back, nil)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting, q.got = nil, time.Now() // the next read is not for them
	return err
}

// noteLostReply notes that the reply to a read may have been lost. The waiting Fetch reads by itself now, because this
// reader may have no connection.
func (q *queue) noteLostReply() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.look, q.recover, q.busy = true, true, true
	q.window.noteLost()
}

// blockFor is how long a read may block.
func (r *reader) blockFor(queues []*queue) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cannot || r.p.IsMoving() { // a read on another node cannot be ended from here
		return 50 * time.Millisecond
	}
	wait := conn.MaxBlock
	for _, q := range queues {
		q.mu.Lock()
		if q.state == stateHeld {
			wait = min(wait, 50*time.Millisecond)
		}
		q.mu.Unlock()
	}
	return wait
}
