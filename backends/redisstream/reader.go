package redisstream

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// reader waits for new entries of all organs of a partition that have nothing to do, with
// one blocking read on a connection of its own.
type reader struct {
	p    *partition
	wake chan struct{}

	mu       sync.Mutex
	running  bool
	blocked  map[*queue]bool // what the read that is under way covers; nil when none is
	poking   bool
	cannot   bool // the user may not unblock clients
	failures int
}

func (r *reader) init(p *partition) { r.p, r.wake = p, make(chan struct{}, 1) }

// join lets the reader wait for a queue too.
func (r *reader) join(q *queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		r.running = true
		r.p.b.workers.Go(r.run)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	if r.blocked != nil && !r.blocked[q] && !r.poking {
		r.poking = true
		r.p.b.workers.Go(r.poke)
	}
}

// quit ends a read that covers a queue without consumers, and waits a second at most until it
// is over. What it returned all the same has gone back then: the next consumer must not read
// what comes after.
func (r *reader) quit(q *queue) {
	for end := time.Now().Add(time.Second); r.covered(q) && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
}

// part keeps reads from covering a queue until rejoin, and ends the one that is under way.
func (r *reader) part(q *queue) {
	q.mu.Lock()
	q.apart++
	q.mu.Unlock()
	r.quit(q)
}

func (r *reader) rejoin(q *queue) {
	q.mu.Lock()
	q.apart--
	waits := len(q.waiting) > 0
	q.mu.Unlock()
	if waits {
		r.join(q)
	}
}

// covered reports whether the read that is under way covers a queue, and sees to its end.
func (r *reader) covered(q *queue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blocked[q] && !r.poking {
		r.poking = true
		r.p.b.workers.Go(r.poke)
	}
	return r.blocked[q]
}

// idle waits until no read is under way, so that its connection can be closed in order.
func (r *reader) idle(limit time.Duration) {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		r.mu.Lock()
		idle := r.blocked == nil
		r.mu.Unlock()
		if idle {
			return
		}
	}
}

// poke ends the read that is under way, so that the next one covers who came since.
func (r *reader) poke() {
	for pause := 100 * time.Microsecond; r.pokes(); pause = min(2*pause, 10*time.Millisecond) {
		if calls, _, err := r.p.node.clients(r.p.b.done); err == nil {
			id := r.p.node.reader.Load()
			answer := r.p.send(r.p.b.done, calls, []any{"client", "unblock", id})
			if id == 0 || errors.As(answer.err, new(redisError)) {
				r.mu.Lock()
				r.cannot = true
				r.mu.Unlock()
			}
		}
		// The read may not have reached the server yet.
		select {
		case <-time.After(pause):
		case <-r.p.b.done.Done():
		}
	}
}

// pokes reports whether to poke on. Who comes later than this says no starts anew.
func (r *reader) pokes() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.poking = r.p.b.done.Err() == nil && r.misses()
	return r.poking
}

// misses reports whether somebody waits whom the read that is under way does not cover, or
// it covers an organ that has no consumers any more.
func (r *reader) misses() bool {
	if r.blocked == nil {
		return false
	}
	left := len(r.blocked)
	for _, q := range r.p.list() {
		if r.blocked[q] && !q.parts() {
			left--
		} else if q.waits() {
			return true
		}
	}
	return left > 0
}

// waits reports whether a consumer waits for what is new.
func (q *queue) waits() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0 && q.state.readable() && q.apart == 0
}

func (q *queue) parts() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.apart > 0
}

// run reads until the backend is closed.
func (r *reader) run() {
	done := r.p.b.done.Done()
	for {
		queues := r.covers()
		if len(queues) == 0 {
			select {
			case <-r.wake:
				continue
			case <-done:
				return
			}
		}
		err := r.read(queues)
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
			q.again() // who waits meets the error by itself, and reports it
		}
		select {
		case <-time.After(rand.N(wait)):
		case <-done:
			return
		}
	}
}

// covers returns the queues that the next read is for.
func (r *reader) covers() []*queue {
	r.mu.Lock()
	defer r.mu.Unlock()
	var queues []*queue
	covered := map[*queue]bool{}
	for _, q := range r.p.list() {
		if q.waits() {
			queues, covered[q] = append(queues, q), true
		}
	}
	if len(queues) > 0 {
		r.blocked = covered
	}
	return queues
}

// read waits for entries and gives them to their queues.
func (r *reader) read(queues []*queue) error {
	ctx := r.p.b.done
	_, blocking, err := r.p.node.clients(ctx)
	if err != nil {
		return err
	}
	var streams []string
	count := 1 << 10
	owner := map[string]*queue{}
	for _, q := range queues {
		for _, s := range q.streams() {
			streams, owner[s] = append(streams, s), q
		}
		q.mu.Lock()
		count = max(1, min(count, q.want))
		q.mu.Unlock()
	}
	if len(streams) == 0 {
		return nil
	}
	cmds := [][]any{r.p.readCommand(streams, count, int(r.patience(queues).Milliseconds()))}
	modes := make([]mode, len(queues)) // a mode may change while the read blocks
	for i, q := range queues {
		modes[i] = *q.mode.Load()
		cmds = append(cmds, q.gates(modes[i])...)
	}
	replies := r.p.pipeline(ctx, blocking, 0, cmds...)
	lists, err := parseRead(replies[0])
	if err != nil && !isRedis(err, "UNBLOCKED") {
		for _, q := range queues {
			q.lost()
		}
		return err
	}
	got := map[*queue][]received{}
	for _, l := range lists {
		if q := owner[l.name]; q != nil {
			got[q] = append(got[q], q.number(l)...)
		}
	}
	at := 1
	for i, q := range queues {
		gates := replies[at : at+len(q.gates(modes[i]))]
		at += len(gates)
		if lost := r.give(ctx, q, got[q], modes[i], gates); lost != nil {
			q.lost()
			err = firstError(err, lost)
		}
	}
	return err
}

// give hands entries to a queue. Where nobody waits for them any more they go back.
func (r *reader) give(ctx context.Context, q *queue, list []received, m mode, gates []*reply) error {
	if err := q.reading.lock(ctx); err != nil {
		return err
	}
	defer q.reading.unlock()
	now, err := q.passed(m, gates)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return nil
	}
	if m.order != "-" || q.order() != "-" { // who waits reads it himself, behind what came to stand in front of it
		return q.giveBack(ctx, list)
	}
	if err := q.admit(ctx, list, now); err != nil {
		return err
	}
	q.mu.Lock()
	left := q.fetching == 0
	q.busy = q.busy || len(list) >= q.want
	q.notify()
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
	err := q.release(ctx, back, nil)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = nil // the next read is not for them
	return err
}

// lost notes that the reply to a read may have been lost. Who waits reads by himself now: this
// reader may have no connection.
func (q *queue) lost() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.look, q.recover, q.busy = true, true, true
}

// patience is how long a read may block.
func (r *reader) patience(queues []*queue) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cannot {
		return 50 * time.Millisecond
	}
	wait := maxBlock
	for _, q := range queues {
		q.mu.Lock()
		if q.state == stateHeld {
			wait = min(wait, 50*time.Millisecond)
		}
		q.mu.Unlock()
	}
	return wait
}
