package loop

import (
	"context"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// endLanes has the lanes of a former mode go back. The caller holds q.mu.
func (q *queue) endLanes() {
	if s := &q.lanes; s.epoch != 0 {
		s.ended = true
		q.held.LoseWaiting(func(int) bool { return true })
		q.freeInBackground()
	}
}

// freeLanesSoon gives back the lanes that leave, without keeping the caller.
func (q *queue) freeLanesSoon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if free, ended := q.leavingLanes(); len(free) > 0 || ended {
		q.freeInBackground()
	}
}

// freeInBackground starts a goroutine that gives lanes back, unless one is about to. The caller holds q.mu.
func (q *queue) freeInBackground() {
	if s := &q.lanes; !s.freeing && q.p.process.Done.Err() == nil {
		s.freeing = true
		q.p.process.Workers.Go(func() {
			if q.reading.lock(q.p.process.Done) == nil {
				defer q.reading.unlock()
				q.freeLanes(q.p.process.Done)
			}
		})
	}
}

// leavingLanes returns the lanes that leave and of which no caller has a delivery, or that all are to go back. The caller
// holds q.mu.
func (q *queue) leavingLanes() (free []int, ended bool) {
	s := &q.lanes
	if s.epoch == 0 {
		return nil, false
	}
	leaving := s.ended
	for _, lane := range s.owned {
		leaving = leaving || lane.leaving
	}
	if !leaving {
		return nil, false
	}
	out := q.countOut()
	if s.ended {
		return nil, len(out) == 0
	}
	for number, lane := range s.owned {
		if lane.leaving && out[number] == 0 {
			free = append(free, number)
		}
	}
	return free, false
}

// freeLanes gives back the lanes that leave and of which no caller has a delivery. They are forgotten before the call is
// made; where it fails, the next claim finds that this process owns them still. The caller holds q.reading, so that the answer
// of a claim tells of no lane that was given back meanwhile.
func (q *queue) freeLanes(ctx context.Context) {
	q.mu.Lock()
	s := &q.lanes
	s.freeing = false
	free, ended := q.leavingLanes()
	request := store.RenewLanesRequest{Keys: q.p.Keys(), Organ: q.organ, Consumer: s.owner, Epoch: s.epoch, Free: free, Leave: ended}
	for _, number := range free {
		delete(s.owned, number)
	}
	if len(free) > 0 {
		s.frees++
		request.Frees = s.frees
	}
	if ended {
		s.drop(&q.held)
	}
	q.mu.Unlock()
	if len(free) == 0 && !ended {
		return
	}
	reply, err := request.ReadReply(q.p.RunCall(ctx, request.Call()))
	q.noteRenewed(request.Epoch, reply, err)
	q.lookAgain()
}

// noteRenewed takes in the answer to a renewal of an epoch.
func (q *queue) noteRenewed(epoch uint64, reply store.RenewLanesReply, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := &q.lanes
	switch {
	case s.epoch != epoch || epoch == 0:
	case err != nil:
		s.shared = time.Time{} // the next claim tells which lanes there are
	case reply.Lost:
		s.drop(&q.held)
		q.held.AskLook()
	case !s.ended:
		q.markLeaving(reply.Excess)
		if free, _ := q.leavingLanes(); len(free) > 0 {
			q.freeInBackground()
		}
	}
}

// leaveLanes gives back all lanes of a consumer that leaves. What callers have of it may have begun, so who takes the lanes
// suspects it. A claim that is under way ends before, because it would take lanes again.
func (q *queue) leaveLanes(ctx context.Context, c *consumer) {
	if q.reading.lock(ctx) != nil {
		return // the lanes are free when their lease has run out
	}
	defer q.reading.unlock()
	q.mu.Lock()
	s := &q.lanes
	if s.owner != c.name || s.epoch == 0 {
		q.mu.Unlock()
		return
	}
	request := store.RenewLanesRequest{Keys: q.p.Keys(), Organ: q.organ, Consumer: s.owner, Epoch: s.epoch, Leave: true}
	q.held.EachOut(func(e *held.Entry, _, lane int) {
		if e.Epoch == s.epoch {
			request.Begun = append(request.Begun, store.LaneBegun{Lane: lane, Stream: e.Stream, ID: e.ID})
		}
	})
	s.drop(&q.held)
	q.held.AskLook()
	q.mu.Unlock()
	q.p.RunCall(ctx, request.Call()) // what stays behind is free when its lease has run out
}
