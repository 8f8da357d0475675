package redisstream

import (
	"context"
	"slices"

	necro "github.com/necrostack/necrogen/runtime"
)

// maxAside is how many deliveries one call looks at.
const maxAside = 512

// setAside moves deliveries of the buffer whose key another delivery holds to where they wait for it
// (order=key). Each is looked at once, and again when its key was held since. Redis has the bytes:
// the call says where they are.
func (q *queue) setAside(ctx context.Context) error {
	for {
		ds := q.unpassed()
		if len(ds) == 0 {
			return nil
		}
		keys := []string{q.key("q"), q.key("part"), q.key("first"), q.key("hold"), q.key("wait"), q.p.key("n"), q.p.key("bind")}
		r := q.p.run(ctx, asideScript, keys, q.asideArgs(ds)...)
		if r.err == nil && r.stale() {
			_, err := q.p.reload(ctx)
			return err
		}
		answer := r.bulk()
		if r.err == nil && len(answer) != len(ds) {
			r.err = errReply
		}
		if r.err != nil {
			return r.err
		}
		q.passOrDrop(ds, answer)
	}
}

// unpassed returns deliveries of the buffer whose keys may be held.
func (q *queue) unpassed() (ds []necro.Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.buffer {
		d := &q.buffer[i]
		if d.Key != "" && d.Ref.(*entry).passed>>d.Tag&1 == 0 {
			if ds = append(ds, *d); len(ds) == maxAside {
				break
			}
		}
	}
	return ds
}

// asideArgs are deliveries as the script reads them: those of an entry together.
func (q *queue) asideArgs(ds []necro.Delivery) []any {
	args, entries := []any{mode{"key", q.exclusive()}.String(), q.organ, nil}, 0
	for from := 0; from < len(ds); entries++ {
		e, to := ds[from].Ref.(*entry), from+1
		for to < len(ds) && ds[to].Ref == ds[from].Ref {
			to++
		}
		args = append(args, e.stream, e.id, e.size, e.origin, to-from)
		for i := from; i < to; i++ {
			id := necro.DeliveryID(ds[i].ID, q.organ)
			at, size := e.span(int(ds[i].Tag))
			args = append(args, ds[i].Tag, id[:], ds[i].Key, at, size)
		}
		from = to
	}
	args[2] = entries
	return args
}

// passOrDrop takes deliveries that were set aside out of the buffer, and notes that the others may
// run.
func (q *queue) passOrDrop(ds []necro.Delivery, answer []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range ds {
		e, bit := ds[i].Ref.(*entry), uint64(1)<<ds[i].Tag
		e.passed |= bit
		if answer[i] != '1' {
			continue
		}
		if e.settled |= bit; e.finished() && q.held[e.field()] == e {
			delete(q.held, e.field())
		}
	}
	q.buffer = slices.DeleteFunc(q.buffer, func(d necro.Delivery) bool { return d.Ref.(*entry).settled>>d.Tag&1 == 1 })
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
	for i := range q.buffer {
		if d := &q.buffer[i]; held[d.Key] {
			d.Ref.(*entry).passed &^= 1 << d.Tag
		}
	}
}
