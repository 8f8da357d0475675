package loop

import (
	"fmt"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/held"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
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

// TestSettlesTellTheEpochOfTheirEntries lets the next epoch begin between the look at an outcome and its settle. The server
// is told the former one, and refuses it.
func TestSettlesTellTheEpochOfTheirEntries(t *testing.T) {
	t.Parallel()
	q := newLaneQueue("7-0")
	m := table.Mode{Order: "key", Lanes: 2}
	d := q.held.Take(1)[0]
	part := settlePart{groups: q.groupOutcomes([]contract.Outcome{{Delivery: &d}}, m, true, true)}
	if part.groups[0].lost {
		t.Fatal("the delivery is lost before its epoch is over")
	}
	q.lanes.epoch = 2
	request := q.settleRequest(&table.Bindings{}, m, part.leaveOut(nil), "")
	defer request.Rows.Recycle()
	if request.Owner != "a" || request.Epoch != "1" {
		t.Errorf("owner %q settles in epoch %q, want a in epoch 1", request.Owner, request.Epoch)
	}
}

// TestEpochsDoNotComeTwice wants a claim whose epoch is over to begin one that there was not yet.
func TestEpochsDoNotComeTwice(t *testing.T) {
	t.Parallel()
	q := newLaneQueue("7-0")
	q.consumers = []*consumer{{name: "a"}}
	m := table.Mode{Order: "key", Lanes: 2}
	if r := q.lanesRequest(&m, 1); r.Epoch != 1 || r.Fresh != 2 {
		t.Errorf("epoch %d, and behind it %d, want 1 and 2", r.Epoch, r.Fresh)
	}
	q.lanes.drop(&q.held)
	q.lanes.owner = "a"
	if r := q.lanesRequest(&m, 1); r.Epoch != 0 || r.Fresh != 2 {
		t.Errorf("epoch %d, and behind it %d, want none and 2", r.Epoch, r.Fresh)
	}
}

// TestLooseKeysBehindThoseOfOthers lets 250 keys go, of which this process owns the last. It finds it, and looks from the
// beginning again when nothing of its own is left.
func TestLooseKeysBehindThoseOfOthers(t *testing.T) {
	t.Parallel()
	q := newLaneQueue("7-0")
	var others []string
	mine := ""
	for i := 0; len(others) < 249 || mine == ""; i++ {
		key := fmt.Sprint("k", i)
		if contract.LaneOf(key, contract.ID{}, 2) == 0 {
			mine = key
		} else if len(others) < 249 {
			others = append(others, key)
		}
	}
	delete(q.lanes.owned, 1)
	list := append(others, mine)
	for len(list) > store.MostLoose {
		q.noteLoose(list[:store.MostLoose], 2)
		if list = list[store.MostLoose:]; q.lanes.told != others[249-len(list)] || len(q.lanes.loose) > 0 {
			t.Fatalf("told up to %q, want %q; loose %q", q.lanes.told, others[249-len(list)], q.lanes.loose)
		}
	}
	told := q.lanes.told
	q.noteLoose(list, 2)
	if len(q.lanes.loose) != 1 || q.lanes.loose[0] != mine || q.lanes.told != told {
		t.Errorf("loose %q behind %q, want %s behind %q", q.lanes.loose, q.lanes.told, mine, told)
	}
	q.noteLoose(nil, 2)
	if len(q.lanes.loose) > 0 || q.lanes.told != "" {
		t.Errorf("loose %q behind %q at the end", q.lanes.loose, q.lanes.told)
	}
}
