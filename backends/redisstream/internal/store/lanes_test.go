package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sharer is a consumer that shares lanes.
type sharer struct {
	request LanesRequest
	owned   []int
	free    []int // lanes that it gives back in front of the next call
}

// call renews the lanes, and gives back as many as there are too many in the next call.
func (c *sharer) call(s *server) {
	s.Helper()
	if len(c.free) > 0 {
		c.request.Frees++
		read(s, &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: c.request.Consumer, Epoch: c.request.Epoch, Frees: c.request.Frees, Free: c.free})
	}
	reply := read(s, &c.request)
	if reply.State != "open" || !reply.Shared {
		s.Fatalf("%s: state %s, shared: %t", c.request.Consumer, reply.State, reply.Shared)
	}
	c.owned = nil
	for _, row := range reply.Owned {
		c.owned = append(c.owned, row.Number)
	}
	c.request.Epoch, c.free = reply.Epoch, c.owned[:reply.Excess]
}

// newSharer returns a consumer that has not called yet.
func (s *server) newSharer(name string, lanes int, lease time.Duration) *sharer {
	return &sharer{request: LanesRequest{Keys: s.keys, Organ: "l", Mode: fmt.Sprint("key/", lanes), Consumer: name, Fresh: 1, Lease: lease,
		Lanes: lanes, Share: true, Main: "0-0", Front: "0-0", Asked: 1, Limit: 1, Bytes: 1, AtOnce: 1}}
}

// bindLanes binds an organ with lanes.
func (s *server) bindLanes(lanes int) {
	s.Helper()
	s.must("flushdb")
	s.must("hset", s.keys.bindingsKey(), "digest", "d", "organ l", fmt.Sprint("path 1 key/", lanes), "exclusive l", "0")
	for _, part := range []string{"q", "first"} {
		s.must("xgroup", "create", s.keys.ofOrgan(part, "l"), "necro", "0", "mkstream")
	}
}

// TestLanesAreSharedByTheScript lets consumers come and go at random. A lane never has two owners, and when nobody has come or gone for
// some rounds every lane has one, and the consumers have equally many or one more.
func TestLanesAreSharedByTheScript(t *testing.T) {
	s := startServer(t)
	for _, lanes := range []int{2, 3, 16, 17} {
		s.bindLanes(lanes)
		random := rand.New(rand.NewPCG(1, uint64(lanes)))
		var sharers []*sharer
		for n := range 20 {
			if len(sharers) > 1 && random.IntN(3) == 0 {
				gone := random.IntN(len(sharers))
				leave := &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: sharers[gone].request.Consumer, Epoch: sharers[gone].request.Epoch, Leave: true}
				if reply := read(s, leave); reply.Lost {
					t.Fatal("a lease is over")
				}
				sharers = slices.Delete(sharers, gone, gone+1)
			} else {
				sharers = append(sharers, s.newSharer(fmt.Sprint("p/", n), lanes, time.Hour))
			}
			for range 5 {
				random.Shuffle(len(sharers), func(i, j int) { sharers[i], sharers[j] = sharers[j], sharers[i] })
				owners := map[int]string{}
				for _, c := range sharers {
					c.call(s)
				}
				for _, c := range sharers {
					for _, lane := range c.owned {
						if other := owners[lane]; other != "" && !slices.Contains(c.free, lane) && !isLeaving(sharers, other, lane) {
							t.Fatalf("lane %d belongs to %s and %s", lane, other, c.request.Consumer)
						}
						owners[lane] = c.request.Consumer
					}
				}
			}
			least, most, all := lanes, 0, 0
			for _, c := range sharers {
				least, most, all = min(least, len(c.owned)), max(most, len(c.owned)), all+len(c.owned)
			}
			if all != lanes || most-least > 1 {
				t.Errorf("%d consumers have %d of %d lanes, from %d to %d", len(sharers), all, lanes, least, most)
			}
		}
	}
}

// isLeaving reports whether a consumer gives back a lane in its next call.
func isLeaving(sharers []*sharer, name string, lane int) bool {
	return slices.ContainsFunc(sharers, func(c *sharer) bool {
		return c.request.Consumer == name && slices.Contains(c.free, lane)
	})
}

// TestLanesEndWithTheirLease lets a lease run out: its lanes go to another consumer, its epoch is lost, and the lanes
// that it gets again are those of another epoch.
func TestLanesEndWithTheirLease(t *testing.T) {
	s := startServer(t)
	s.bindLanes(4)
	former, next := s.newSharer("p/1", 4, 20*time.Millisecond), s.newSharer("p/2", 4, time.Hour)
	former.call(s)
	if len(former.owned) != 4 {
		t.Fatalf("it owns %v, want all four", former.owned)
	}
	for deadline := time.Now().Add(10 * time.Second); len(next.owned) < 4; {
		if time.Now().After(deadline) {
			t.Fatalf("the next one owns %v", next.owned)
		}
		next.call(s)
	}
	epoch := former.request.Epoch
	if reply := read(s, &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: "p/1", Epoch: epoch}); !reply.Lost {
		t.Error("a renewal in the epoch that is over counts")
	}
	id := string(s.send("xadd", s.keys.ofOrgan("q", "l"), "*", "m", "a").Bulk())
	next.request.Main, next.request.Front = "0-0", "0-0"
	if reply := read(s, &next.request); len(reply.Entries) != 1 {
		t.Fatalf("the next one reads %d entries", len(reply.Entries))
	}
	for _, owner := range []string{"p/1", ""} { // without a name where the process has left meanwhile
		settle := &SettleRequest{Keys: s.keys, Organ: "l", Digest: "d", Owner: owner, Epoch: strconv.FormatUint(epoch, 10), Lease: time.Hour,
			Rows: TakeRows(&Routes{Keys: s.keys})}
		settle.AddLone(id)
		reply := read(s, settle)
		if answers, err := reply.Take(1, true); string(answers) != "0" || err != nil {
			t.Errorf("a settle of %q in the epoch that is over: %q, %v", owner, answers, err)
		}
	}
	former.request.Fresh = epoch + 1
	former.request.Lease = time.Hour
	former.call(s)
	if former.request.Epoch == epoch {
		t.Error("the epoch goes on")
	}
}

// TestLanesFreeAboutAMebibyte lets keys go that much more waits for than one claim may move. The marks stay until the last of
// it has moved.
func TestLanesFreeAboutAMebibyte(t *testing.T) {
	s := startServer(t)
	s.bindLanes(4)
	a := s.newSharer("p/1", 4, time.Hour)
	a.call(s)
	const keys, each, size = 4, 9, 100_000
	wait, front := s.keys.ofOrgan("wait", "l"), s.keys.ofOrgan("first", "l")
	for k := range keys {
		key := fmt.Sprint("k", k)
		a.request.Loose = append(a.request.Loose, key)
		s.must("zadd", wait, 0, "\xff"+key)
		s.must("hset", s.keys.ofOrgan("hold", "l"), key, "~")
		for i := range each {
			s.must("zadd", wait, 0, fmt.Sprintf("\x00\x00\x00\x02%s%027d%s", key, i, strings.Repeat("x", size)))
		}
	}
	for last, calls := 0, 0; last < keys*each; calls++ {
		read(s, &a.request)
		r := s.send("xlen", front)
		moved := r.Int()
		if moved == last || (moved-last)*size > 2<<20 {
			t.Fatalf("call %d moves %d messages of %d bytes, want some, and about a mebibyte at most", calls, moved-last, size)
		}
		last = moved
	}
	if r := s.send("zcard", wait); r.Int() != 0 {
		t.Error("something waits for keys that were let go")
	}
}

// TestLanesTellAllLooseKeys lets more keys go than one reply tells of. Another call goes on behind the last of them.
func TestLanesTellAllLooseKeys(t *testing.T) {
	s := startServer(t)
	s.bindLanes(4)
	a := s.newSharer("p/1", 4, time.Hour)
	for k := range MostLoose + 3 {
		s.must("zadd", s.keys.ofOrgan("wait", "l"), 0, fmt.Sprintf("\xffk%03d", k))
	}
	first := read(s, &a.request)
	a.request.Epoch, a.request.Told = first.Epoch, first.Loose[len(first.Loose)-1]
	next := read(s, &a.request)
	if len(first.Loose) != MostLoose || !slices.Equal(next.Loose, []string{"k100", "k101", "k102"}) {
		t.Errorf("told of %d keys, and then of %q", len(first.Loose), next.Loose)
	}
}

// TestLanesWithADamagedHash has something else than a program of ours writes where the lanes are. No step is kept busy by
// it, and the epochs are over, because nobody can tell who owns what.
func TestLanesWithADamagedHash(t *testing.T) {
	s := startServer(t)
	for _, count := range []string{"1", "257", "100000000", "inf", "2.5", "-2", "1e3", "0x10", "", "no number"} {
		s.bindLanes(4)
		a := s.newSharer("p/1", 4, time.Hour)
		a.call(s)
		s.must("hset", s.keys.ofOrgan("lane", "l"), "count", count)
		renew := &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: "p/1", Epoch: a.request.Epoch}
		read(s, renew)
		if reply := read(s, renew); !reply.Lost {
			t.Errorf("count %q: the epoch goes on", count)
		}
		a.request.Fresh = a.request.Epoch + 1
		a.call(s)
		if len(a.owned) != 4 || a.request.Epoch != a.request.Fresh {
			t.Errorf("count %q: it owns %v in epoch %d", count, a.owned, a.request.Epoch)
		}
	}
	for _, part := range []string{"lane", "bell"} {
		s.bindLanes(4)
		s.must("set", s.keys.ofOrgan(part, "l"), "text")
		for _, request := range []stepRequest{&s.newSharer("p/1", 4, time.Hour).request, &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: "p/1", Epoch: 1}} {
			if r := s.run(request); r.Err == nil || !strings.Contains(r.Err.Error(), "holds a string") {
				t.Errorf("%s is a string: %v", part, r.Err)
			}
		}
	}
}

// TestLateFreeGivesNoLaneBack repeats a call that gave a lane back, when the consumer has taken the lane again meanwhile: what
// arrives late, because a reply was lost, takes nothing away.
func TestLateFreeGivesNoLaneBack(t *testing.T) {
	s := startServer(t)
	s.bindLanes(4)
	owner := s.newSharer("p/1", 4, time.Hour)
	owner.call(s)
	free := &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: "p/1", Epoch: owner.request.Epoch, Frees: 1, Free: []int{2}}
	read(s, free)
	if row := string(s.send("hget", s.keys.ofOrgan("lane", "l"), "2").Bulk()); !strings.HasPrefix(row, "- ") {
		t.Fatalf("lane 2 was not given back: %q", row)
	}
	for _, step := range []struct {
		name  string
		frees uint64
		calls func()
	}{
		{"a claim behind it", 1, func() { owner.call(s) }},
		{"a later call that gives another one back", 2, func() {
			read(s, &RenewLanesRequest{Keys: s.keys, Organ: "l", Consumer: "p/1", Epoch: owner.request.Epoch, Frees: 2, Free: []int{3}})
		}},
	} {
		owner.request.Frees = step.frees
		step.calls()
		read(s, free)
		if row := string(s.send("hget", s.keys.ofOrgan("lane", "l"), "2").Bulk()); !strings.HasPrefix(row, "p/1 ") {
			t.Errorf("%s: lane 2 was given back by a call that came late: %q", step.name, row)
		}
	}
}
