package redisstream

import (
	"context"
	"errors"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxAside is how many deliveries one call looks at.
const maxAside = 512

// setAside moves deliveries of the buffer whose key another delivery holds to where they wait for it
// (order=key). Each is looked at once, and again when its key was held since. Redis has the bytes:
// the call says where they are.
func (q *queue) setAside(ctx context.Context) error {
	for {
		ds, holds := q.unpassedDeliveries()
		if len(ds) == 0 {
			return nil
		}
		term, foreign, err := q.enterTerm(ctx, entriesOf(ds))
		if err != nil {
			return err
		}
		if len(foreign) > 0 {
			continue // these are in the buffer no more
		}
		request := q.asideRequest(ds)
		reply, err := request.ReadReply(q.p.RunAll(ctx, term, []store.Call{request.Call()})[0])
		if errors.Is(err, conn.ErrAnotherServer) {
			continue
		}
		if errors.Is(err, store.ErrStale) {
			q.lookAgain() // the mode may be back to key by now, which adoptMode does not see
			_, err = q.p.reloadTable(ctx)
			return err
		}
		if err != nil {
			return err
		}
		q.passOrDrop(ds, reply.Aside, holds)
	}
}

// unpassedDeliveries returns deliveries of the buffer whose keys may be held, and the count of holds at that time.
func (q *queue) unpassedDeliveries() (ds []contract.Delivery, holds int) {
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

// asideRequest asks about deliveries, those of an entry together.
func (q *queue) asideRequest(ds []contract.Delivery) store.AsideRequest {
	request := store.AsideRequest{Keys: q.p.keys(), Organ: q.organ, Mode: mode{"key", q.exclusive()}.String()}
	for run := range entryRuns(ds) {
		e := run[0].Ref.(*entry)
		asked := store.AsideEntry{Stream: e.stream, ID: e.id, Size: e.size, Origin: e.origin}
		for i := range run {
			at, size := e.messageSpan(int(run[i].Tag))
			asked.Deliveries = append(asked.Deliveries, store.AsideDelivery{
				Index: int(run[i].Tag), ID: contract.DeliveryID(run[i].ID, q.organ), Key: run[i].Key, At: at, Length: size})
		}
		request.Entries = append(request.Entries, asked)
	}
	return request
}

// passOrDrop takes deliveries that were set aside out of the buffer, and notes that the others may
// run. If a settle has let keys be held since the call was made, the answer may be older than that
// settle, so the others are looked at once more.
func (q *queue) passOrDrop(ds []contract.Delivery, answer []byte, holds int) {
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
	q.buffer = slices.DeleteFunc(q.buffer, func(d contract.Delivery) bool { return d.Ref.(*entry).settled>>d.Tag&1 == 1 })
}

// markSettled notes that messages of an entry are done, and forgets the entry with its last one. The caller holds q.mu.
func (q *queue) markSettled(e *entry, bits uint64) {
	if e.settled |= bits; e.isFinished() && q.held[e.markField()] == e {
		delete(q.held, e.markField())
	}
}

// holdKeys lets deliveries of the buffer be looked at again whose keys are held now.
func (q *queue) holdKeys(outcomes []contract.Outcome) {
	held := map[string]bool{}
	for i := range outcomes {
		if o := &outcomes[i]; o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline {
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
