package loop

import (
	"context"
	"strconv"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// divideLanes divides deliveries into those that were read without lanes, and those of lanes.
func divideLanes(ds []*contract.Delivery) (without, in []*contract.Delivery) {
	for i, d := range ds {
		if held.EntryOf(d).Epoch != 0 {
			in = append(in, d)
		} else if without = append(without, d); i == len(ds)-1 && len(in) == 0 {
			return ds, nil
		}
	}
	return without, in
}

// extendLanes renews the lanes of deliveries, marks the suspects among them as started, and returns those that are lost.
func (q *queue) extendLanes(ctx context.Context, ds []*contract.Delivery) (lost []*contract.Delivery, err error) {
	q.mu.Lock()
	request := q.renewalOf(ds, startedMark)
	current := request.Epoch != 0
	q.mu.Unlock()
	if current {
		reply, err := request.ReadReply(q.p.RunCall(ctx, request.Call()))
		q.noteRenewed(request.Epoch, reply, err)
		if err != nil {
			return nil, err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, d := range ds {
		if held.IsLost(d, q.lanes.epoch) {
			lost = append(lost, d)
		}
	}
	return lost, nil
}

// giveUpLanes takes back deliveries that a caller releases, and their marks. They wait for the next Fetch of this process,
// unless their lane leaves.
func (q *queue) giveUpLanes(ctx context.Context, ds []*contract.Delivery) error {
	if err := q.reading.lock(ctx); err != nil {
		return err
	}
	defer q.reading.unlock()
	q.mu.Lock()
	request := q.renewalOf(ds, releasedMark)
	q.held.GiveBack(ds, true)
	q.held.LoseWaiting(func(lane int) bool { return q.lanes.ended || q.lanes.owned[lane] == nil || q.lanes.owned[lane].leaving })
	q.notifyWaiting()
	q.mu.Unlock()
	var err error
	if len(request.Entries) > 0 {
		var reply store.RenewLanesReply
		reply, err = request.ReadReply(q.p.RunCall(ctx, request.Call()))
		q.noteRenewed(request.Epoch, reply, err)
	}
	q.freeLanesSoon()
	return err
}

// renewalOf returns the renewal for deliveries, with the marks of suspects and of what is given up. The caller holds q.mu.
func (q *queue) renewalOf(ds []*contract.Delivery, markOf func(*contract.Delivery) string) store.RenewLanesRequest {
	s := &q.lanes
	request := store.RenewLanesRequest{Keys: q.p.Keys(), Organ: q.organ, Consumer: s.owner, Epoch: s.epoch}
	for _, d := range ds {
		e := held.EntryOf(d)
		if d.GivingUp {
			e.GivenUp |= 1 << d.Tag
		}
		if held.IsLost(d, s.epoch) || !d.Suspect && e.GivenUp&(1<<d.Tag) == 0 {
			continue
		}
		if n := len(request.Entries); n == 0 || request.Entries[n-1].ID != e.ID || request.Entries[n-1].Stream != e.Stream {
			request.Entries = append(request.Entries, store.LaneMarks{Stream: e.Stream, ID: e.ID, Size: e.Size})
		}
		entry := &request.Entries[len(request.Entries)-1]
		entry.Marks = append(entry.Marks, store.LaneMark{Index: int(d.Tag), Mark: markOf(d)})
	}
	return request
}

// startedMark is the mark of a delivery that runs under suspicion, or is being given up.
func startedMark(d *contract.Delivery) string {
	crashes := byte(min(d.Crashes, 4))
	switch e := held.EntryOf(d); {
	case e.Condemned&(1<<d.Tag) != 0:
		return "G"
	case e.GivenUp&(1<<d.Tag) != 0:
		return string('a' + crashes)
	default:
		return string('A' + crashes)
	}
}

// releasedMark is the mark of the same delivery when it did not run.
func releasedMark(d *contract.Delivery) string {
	switch e := held.EntryOf(d); {
	case e.Condemned&(1<<d.Tag) != 0:
		return "G"
	case d.Crashes == 0:
		return "."
	}
	return strconv.Itoa(int(min(d.Crashes, 4)))
}
