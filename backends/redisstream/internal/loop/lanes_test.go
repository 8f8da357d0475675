package loop

import (
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// newLaneQueue returns a queue that owns two lanes in epoch 1, and has read up to an entry. A delivery of an earlier one
// waits.
func newLaneQueue(readUpTo string) *queue {
	q := &queue{held: held.New(), sub: contract.Subscription{Lease: time.Second}, p: &Partition{}}
	at := places{readUpTo, "0-0"}
	q.lanes = laneShare{owner: "a", epoch: 1, owned: map[int]*ownedLane{0: {read: true}, 1: {read: true}}, at: at, top: at}
	e := &held.Entry{Stream: held.MainStream, ID: "5-0", Size: 1, Epoch: 1, Lanes: make([]uint8, 1)}
	e.NoteRead(0)
	entries := []*held.Entry{e}
	q.held.AddEntries(1, true, func(ds []contract.Delivery) ([]contract.Delivery, *held.Entry) {
		if len(entries) == 0 {
			return ds, nil
		}
		entries = nil
		return append(ds, contract.Delivery{Ref: e}), e
	})
	return q
}

// TestRewindDuringAClaim loses what waits while a claim is under way, as a settle does that pauses the organ. The answer to
// the claim leaves the place where the rewind has put it, and its entries wait for the pass that brings the lost ones first.
func TestRewindDuringAClaim(t *testing.T) {
	t.Parallel()
	for _, state := range []struct {
		name string
		lose func(*queue)
	}{
		{"Paused", func(q *queue) {
			if q.held.LoseWaiting(func(int) bool { return true }) {
				q.rewindLanes()
			}
		}},
		{"LostEpoch", func(q *queue) { q.noteRenewed(1, store.RenewLanesReply{Lost: true}, nil) }},
	} {
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			q := newLaneQueue("7-0")
			q.lanes.claimed = q.lanes.rewinds // the claim is asked for
			request := &store.LanesRequest{Consumer: "a", Epoch: 1, Lanes: 2, Main: "7-0", Front: "0-0"}
			state.lose(q)
			list := q.noteLanes(request, &store.LanesReply{Epoch: 1, Main: "9-0", Front: "0-0", Entries: []store.ClaimEntry{{Stream: 1, ID: []byte("9-0")}}}, nil, 1)
			if q.lanes.at != beginning || len(list) > 0 {
				t.Errorf("the next claim reads from %v, and %d entries are admitted before; want from %v and 0", q.lanes.at, len(list), beginning)
			}
			if want := (places{"9-0", "0-0"}); q.lanes.top != want {
				t.Errorf("read up to %v, want %v", q.lanes.top, want)
			}
		})
	}
	q := newLaneQueue("7-0")
	q.lanes.claimed = q.lanes.rewinds
	q.noteLanes(&store.LanesRequest{Consumer: "a", Epoch: 1, Lanes: 2, Main: "7-0", Front: "0-0"}, &store.LanesReply{Epoch: 1, Main: "9-0", Front: "0-0"}, nil, 1)
	if want := (places{"9-0", "0-0"}); q.lanes.at != want {
		t.Errorf("without a rewind the next claim reads from %v, want %v", q.lanes.at, want)
	}
}
