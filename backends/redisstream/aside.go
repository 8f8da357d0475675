package redisstream

import (
	"context"
	"errors"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	necro "github.com/necrostack/necrogen/runtime"
)

// maxAside is how many deliveries one call looks at.
const maxAside = 512

// setAside moves deliveries of the buffer whose key another delivery holds to where they wait for it
// (order=key). Each is looked at once, and again when its key was held since. Redis has the bytes:
// the call says where they are.
func (q *queue) setAside(ctx context.Context) error {
	for {
		ds, holds := q.unpassed()
		if len(ds) == 0 {
			return nil
		}
		term := q.p.node.term.Load()
		foreign, err := q.foreign(ctx, term, entriesOf(ds))
		if errors.Is(err, errAnotherServer) || len(foreign) > 0 {
			continue // these are in the buffer no more
		}
		if err != nil {
			return err
		}
		keys := []string{q.key("q"), q.key("part"), q.key("first"), q.key("hold"), q.key("wait"), q.p.key("n"), q.p.key("bind")}
		r := q.p.runAll(ctx, term, []scriptCall{{asideScript, keys, q.asideArgs(ds)}})[0]
		if errors.Is(r.Err, errAnotherServer) {
			continue
		}
		if r.Err == nil && isStale(r) {
			_, err := q.p.reload(ctx)
			return err
		}
		answer := r.Bulk()
		if r.Err == nil && len(answer) != len(ds) {
			r.Err = resp.ErrShape
		}
		if r.Err != nil {
			return r.Err
		}
		q.passOrDrop(ds, answer, holds)
	}
}

// unpassed returns deliveries of the buffer whose keys may be held, and the count of holds at that time.
func (q *queue) unpassed() (ds []necro.Delivery, holds int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	holds = q.holds
	for i := range q.buffer {
		d := &q.buffer[i]
		if d.Key != "" && d.Ref.(*entry).passed>>d.Tag&1 == 0 {
			if ds = append(ds, *d); len(ds) == maxAside {
				break
			}
		}
	}
	return ds, holds
}

// asideArgs are deliveries as the script reads them: those of an entry together.
func (q *queue) asideArgs(ds []necro.Delivery) []any {
	args, entries := []any{mode{"key", q.exclusive()}.String(), q.organ, nil}, 0
	for run := range entryRuns(ds) {
		e := run[0].Ref.(*entry)
		args = append(args, e.stream, e.id, e.size, e.origin, len(run))
		for i := range run {
			id := necro.DeliveryID(run[i].ID, q.organ)
			at, size := e.span(int(run[i].Tag))
			args = append(args, run[i].Tag, id[:], run[i].Key, at, size)
		}
		entries++
	}
	args[2] = entries
	return args
}

// passOrDrop takes deliveries that were set aside out of the buffer, and notes that the others may
// run. If a settle has let keys be held since the call was made, the answer may be older than that
// settle, so the others are looked at once more.
func (q *queue) passOrDrop(ds []necro.Delivery, answer []byte, holds int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range ds {
		e, bit := ds[i].Ref.(*entry), uint64(1)<<ds[i].Tag
		switch {
		case answer[i] == '1':
			q.markSettled(e, bit)
		case q.holds == holds:
			e.passed |= bit
		}
	}
	q.buffer = slices.DeleteFunc(q.buffer, func(d necro.Delivery) bool { return d.Ref.(*entry).settled>>d.Tag&1 == 1 })
}

// markSettled notes that messages of an entry are done, and forgets the entry with its last one. The caller holds q.mu.
func (q *queue) markSettled(e *entry, bits uint64) {
	if e.settled |= bits; e.finished() && q.held[e.field()] == e {
		delete(q.held, e.field())
	}
}

// hold lets deliveries of the buffer be looked at again whose keys are held now.
func (q *queue) hold(outcomes []necro.Outcome) {
	held := map[string]bool{}
	for i := range outcomes {
		if o := &outcomes[i]; o.Kind == necro.OutcomeRetry || o.Kind == necro.OutcomeDecline {
			held[o.Delivery.Key] = true
		}
	}
	if len(held) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.holds++
	for i := range q.buffer {
		if d := &q.buffer[i]; held[d.Key] {
			d.Ref.(*entry).passed &^= 1 << d.Tag
		}
	}
}
