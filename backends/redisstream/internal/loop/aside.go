package loop

import (
	"context"
	"errors"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxAside is how many deliveries one call looks at, so that the script does not keep the server for long.
const maxAside = 512

// setAside moves deliveries of the buffer whose key another delivery holds to where they wait for it (order=key). Each
// is looked at once, and again when its key may have been held since. The call has no messages in it: it says where in
// which entry their bytes are, because Redis has these.
//
// It ends when no delivery is left to ask about. When the bindings changed under it the organ may have another order,
// which adoptMode takes over; a claim comes before anything is handed out then. The caller holds q.reading.
func (q *queue) setAside(ctx context.Context) error {
	for {
		ds, holds := q.waitingDeliveries()
		if len(ds) == 0 {
			return nil
		}
		term, foreign, err := q.enterTerm(ctx, entriesOf(ds))
		if err != nil {
			return err
		}
		// After a failover entries may have been lost to the share.
		if len(foreign) > 0 {
			continue // their deliveries have left the buffer, so ds is another list now
		}
		request := q.asideRequest(ds)
		reply, err := request.ReadReply(q.p.RunAll(ctx, term, []store.Call{request.Call()})[0])
		if errors.Is(err, conn.ErrAnotherServer) {
			continue
		}
		if errors.Is(err, store.ErrStale) {
			q.lookAgain() // the mode may be back to key by now, which adoptMode does not see
			_, err = q.p.ReloadTable(ctx)
			return err
		}
		if err != nil {
			return err
		}
		// Deliveries may have been lost since, and keys held: the share knows what of the answer still counts.
		q.mu.Lock()
		q.held.NoteKeys(ds, reply.Aside, holds)
		q.mu.Unlock()
	}
}

// waitingDeliveries returns deliveries of the buffer whose keys may be held, and the count of holds at that time. An
// answer about them that comes after another hold is older than that, and passes none of them.
func (q *queue) waitingDeliveries() (ds []contract.Delivery, holds int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held.Waiting(maxAside)
}

// asideRequest returns the question about deliveries, those of an entry together. The mode has the script refuse the call
// when the organ is bound in another one by now.
func (q *queue) asideRequest(ds []contract.Delivery) store.AsideRequest {
	m := *q.mode.Load()
	m.Order = "key"
	request := store.AsideRequest{Keys: q.p.Keys(), Organ: q.organ, Mode: m.String()}
	for run := range held.EntryRuns(ds) {
		e := held.EntryOf(&run[0])
		asked := store.AsideEntry{Stream: e.Stream, ID: e.ID, Size: e.Size, Origin: e.Origin}
		for i := range run {
			at, size := e.MessageSpan(int(run[i].Tag))
			asked.Deliveries = append(asked.Deliveries, store.AsideDelivery{
				Index: int(run[i].Tag), ID: contract.DeliveryID(run[i].ID, q.organ), Key: run[i].Key, At: at, Length: size})
		}
		request.Entries = append(request.Entries, asked)
	}
	return request
}

// holdKeys lets deliveries of the buffer be looked at again whose keys are held now that outcomes are settled. A retry
// and a decline hold their keys; it does not matter here whether they were applied.
func (q *queue) holdKeys(outcomes []contract.Outcome) {
	keys := map[string]bool{}
	for i := range outcomes {
		if o := &outcomes[i]; o.Kind == contract.OutcomeRetry || o.Kind == contract.OutcomeDecline {
			keys[o.Delivery.Key] = true
		}
	}
	if len(keys) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held.HoldKeys(keys)
}
