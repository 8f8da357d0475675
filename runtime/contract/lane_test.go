package contract

import (
	"fmt"
	"testing"
)

// TestLaneHash wants the values that stored deliveries depend on.
func TestLaneHash(t *testing.T) {
	for key, want := range map[string]uint32{"": 1501842700, "a": 1028500649, "A-1001": 1492411462, "a key of more than thirty-two bytes": 586887259} {
		id := ID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
		got := LaneHash(key, id)
		if got != want || got != LaneHash([]byte(key), id) || got >= 1<<31 {
			t.Errorf("%q: %d, want %d", key, got, want)
		}
		for _, lanes := range []int{2, 16, 255} {
			if lane := LaneOf(key, id, lanes); lane != int(want%uint32(lanes)) {
				t.Errorf("%q: lane %d of %d", key, lane, lanes)
			}
		}
		if lane := LaneOf(key, id, 1) + LaneOf(key, id, 0); lane != 0 {
			t.Errorf("%q: lane %d of one", key, lane)
		}
	}
	if n := testing.AllocsPerRun(100, func() { LaneOf("A-1001", ID{}, 16) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestLanesAreEven spreads keys, and ids, that differ in their last characters only.
func TestLanesAreEven(t *testing.T) {
	t.Parallel()
	const lanes, each = 16, 1000
	var ofKeys, ofIDs [lanes]int
	for n := range lanes * each {
		ofKeys[LaneOf(fmt.Sprint("customer-", n), ID{}, lanes)]++
		ofIDs[LaneOf("", ID{14: byte(n >> 8), 15: byte(n)}, lanes)]++
	}
	for lane := range lanes {
		for _, n := range []int{ofKeys[lane], ofIDs[lane]} {
			if n < each*8/10 || n > each*12/10 {
				t.Errorf("lane %d has %d of %d, and %d", lane, ofKeys[lane], lanes*each, ofIDs[lane])
			}
		}
	}
}

// TestCheckLanes wants numbers of lanes out of range, and those that contradict the order, to be refused.
func TestCheckLanes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		lanes     int
		order     OrderMode
		exclusive bool
		ok        bool
	}{
		{0, OrderFirstAttempts, false, true}, {1, OrderStrict, true, true}, {2, OrderKey, false, true}, {MaxLanes, OrderKey, false, true},
		{-1, OrderKey, false, false}, {MaxLanes + 1, OrderKey, false, false},
		{2, OrderFirstAttempts, false, false}, {2, OrderStrict, false, false}, {2, OrderKey, true, false},
	} {
		s := Subscription{Organ: "a", Path: "example.com/a", Lanes: test.lanes, Order: test.order, Exclusive: test.exclusive}
		if err := s.Check(); (err == nil) != test.ok {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
