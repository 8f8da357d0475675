package redisstream_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// keeper is a subscription of an organ with state, as a spine would have it.
func keeper(organ string, events ...contract.Event) contract.Subscription {
	s := sub(organ, events...)
	s.State, s.Order, s.Exclusive = true, contract.OrderKey, true
	return s
}

// write is what a handler left, which was given the record of a mark.
func write(read, mark uint64, value string) *contract.StateWrite {
	return &contract.StateWrite{Read: read, Write: mark, Version: 3, Value: []byte(value)}
}

// with is an acknowledgement that writes a state.
func with(d *contract.Delivery, w *contract.StateWrite, emit ...contract.Message) contract.Outcome {
	o := ack(d, emit...)
	o.State = w
	return o
}

// publishKeyed publishes events with these keys, numbered from 0 on, as entries of a pack where the organ has one.
func (r *rig) publishKeyed(b contract.Backend, keys ...string) {
	r.Helper()
	msgs := steps(0, len(keys))
	for i := range msgs {
		msgs[i].Key = keys[i]
	}
	r.publish(b, msgs...)
}

// load returns the record of a key.
func (r *rig) load(b *redisstream.Backend, organ, key string) contract.StateRecord {
	r.Helper()
	list, err := b.LoadStates(r.ctx, organ, []string{key})
	r.ok(err, "load")
	if len(list) != 1 {
		r.Fatalf("%d records of one key", len(list))
	}
	return list[0]
}

// wantState compares the record of a key.
func (r *rig) wantState(b *redisstream.Backend, organ, key string, mark uint64, value string) {
	r.Helper()
	if got := r.load(b, organ, key); got.Mark != mark || string(got.Value) != value || mark != 0 && got.Version != 3 {
		r.Errorf("the record of %q is %+v, want the mark %d and %q", key, got, mark, value)
	}
}

// wantResults settles, and compares the results.
func (c *consumer) wantResults(outcomes []contract.Outcome, want ...contract.Result) {
	c.r.Helper()
	results, err := c.Settle(c.r.ctx, outcomes)
	c.r.ok(err, "settle")
	for i := range want {
		if results.At(i) != want[i] {
			c.r.Errorf("results %v, want %v", results, want)
			return
		}
	}
}

const (
	applied  = contract.ResultApplied
	lost     = contract.ResultLost
	conflict = contract.ResultConflict

	big = 1 << 63 // marks from here on differ in bits that a number of Lua has not
)

// TestConflictLeavesItsOutcomeAlone settles an outcome whose record has changed: nothing of it is stored, and the
// delivery is leased as before. It can be settled again, or be released, which spends no attempt.
func TestConflictLeavesItsOutcomeAlone(t *testing.T) {
	t.Parallel()
	for _, order := range []contract.OrderMode{contract.OrderFirstAttempts, contract.OrderKey, contract.OrderStrict} {
		t.Run(fmt.Sprint("Order=", order), func(t *testing.T) {
			r := share(t)
			b := r.open()
			in := keeper("in", &Step{})
			in.Order, in.Exclusive, in.Pack = order, false, 1
			c := r.subscribe(b, in, sub("out", &Next{}))[0]
			r.publishKeyed(b, "k", "k", "k")
			ds := c.take(3)
			c.wantResults([]contract.Outcome{with(ds[0], write(0, big+1, "one"), next(ds[0]))}, applied)
			r.wantState(b, "in", "k", big+1, "one")
			same(r, "emitted", r.len("q:out"), 1)
			for _, read := range []uint64{0, big, big + 2} {
				c.wantResults([]contract.Outcome{with(ds[1], write(read, 7, "two"), next(ds[1]))}, conflict)
			}
			r.wantState(b, "in", "k", big+1, "one")
			same(r, "emitted by a conflict", r.len("q:out"), 1)
			same(r, "entries", r.len("q:in"), 2)
			same(r, "marks", int(r.do("HLEN", r.key("part:in")).(int64)), 0)
			r.ok(c.Release(r.ctx, ds[1:]), "release")
			again := c.take(2)
			r.wants(again, 1, 2)
			if again[0].Attempts != 0 || again[0].Suspect {
				t.Errorf("released behind a conflict: %+v", again[0])
			}
			c.wantResults([]contract.Outcome{with(again[0], write(big, 7, "two"))}, conflict)
			c.wantResults([]contract.Outcome{with(again[0], write(big+1, big+2, "two"), next(again[0]))}, applied)
			c.wantResults([]contract.Outcome{with(again[0], write(big+2, 8, "twice"))}, lost)
			r.wantState(b, "in", "k", big+2, "two")
			c.wantResults([]contract.Outcome{with(again[1], write(big+2, 0, ""))}, applied)
			r.wantState(b, "in", "k", 0, "")
			for _, key := range []string{"q:in", "state:in", "keys:in", "ttl:in"} {
				same(r, key+" is there", r.do("EXISTS", r.key(key)).(int64) == 1, key == "q:in")
			}
			same(r, "entries", r.len("q:in"), 0)
			same(r, "beyond the first of an entry", fmt.Sprint(r.do("HGET", r.key("n"), "more in")), "<nil>")
		})
	}
}

// TestStatesChainInOneCall settles deliveries of one key in one call, each on the state that the one in front of it has
// left. One that was not applied takes those behind it with it, and no other key.
func TestStatesChainInOneCall(t *testing.T) {
	t.Parallel()
	for _, pack := range []int{1, 64} {
		t.Run(fmt.Sprint("Pack=", pack), func(t *testing.T) {
			r := share(t)
			b := r.open()
			in := keeper("in", &Step{})
			in.Pack = pack
			c := r.subscribe(b, in, sub("out", &Next{}))[0]
			r.publishKeyed(b, "k", "k", "other", "k", "k", "other")
			ds := c.take(6)
			c.wantResults([]contract.Outcome{with(ds[0], write(0, 1, "a")), with(ds[1], write(1, 2, "b"), next(ds[1]))}, applied, applied)
			c.wantResults([]contract.Outcome{
				with(ds[2], write(0, 1, "o")),              // another key
				with(ds[1], write(2, 3, "c")),              // settled before
				with(ds[3], write(3, 4, "d"), next(ds[3])), // on what never came to be
				with(ds[4], write(2, 5, "e"), next(ds[4])), // on what is stored, but behind its key's conflict
				with(ds[5], write(1, 2, "p")),
			}, applied, lost, conflict, conflict, applied)
			r.wantState(b, "in", "k", 2, "b")
			r.wantState(b, "in", "other", 2, "p")
			same(r, "emitted", r.len("q:out"), 1)
			c.wantResults([]contract.Outcome{with(ds[3], write(2, 4, "d")), with(ds[4], write(4, 0, ""))}, applied, applied)
			r.wantState(b, "in", "k", 0, "")
			same(r, "entries", r.len("q:in"), 0)
			same(r, "beyond the first of an entry", r.health(b, "in").Ready, 0)
		})
	}
}

// TestEntriesTogether settles two entries of an ordered organ, of which somebody else has acknowledged the first one meanwhile: what
// it emitted is not stored, and what the other one emitted is. Those that nobody has touched are settled both.
func TestEntriesTogether(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := sub("in", &Step{})
	in.Order, in.Pack = contract.OrderKey, 1
	c := r.subscribe(b, in, sub("out", &Next{}))[0]
	r.publishKeyed(b, "a", "b", "c", "d")
	ds := c.take(4)
	settling := func(d *contract.Delivery) contract.Outcome { return with(d, nil, next(d)) }
	same(r, "acknowledged by somebody else", r.do("XACK", r.key("q:in"), "necro", r.messages(0, "q:in")[0].entry).(int64), 1)
	c.wantResults([]contract.Outcome{settling(ds[0]), settling(ds[1])}, lost, applied)
	same(r, "emitted", r.len("q:out"), 1)
	c.wantResults([]contract.Outcome{settling(ds[2]), settling(ds[3])}, applied, applied)
	same(r, "emitted by all", len(r.messages(0, "q:out")), 3)
}

// TestPackWaitsForItsConflict settles a pack of which one outcome conflicts. The entry stays for that one alone, and
// another process gets it when it is released.
func TestPackWaitsForItsConflict(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := keeper("in", &Step{})
	in.Order, in.Exclusive = contract.OrderFirstAttempts, false
	c := r.subscribe(b, in)[0]
	r.publishKeyed(b, "a", "b", "c", "d")
	ds := c.take(4)
	same(r, "entries", r.len("q:in"), 1)
	c.wantResults([]contract.Outcome{with(ds[0], write(0, 1, "")), with(ds[1], write(9, 1, "")), ack(ds[2]), with(ds[3], write(0, 1, ""))},
		applied, conflict, applied, applied)
	same(r, "entries", r.len("q:in"), 1)
	r.ok(c.Release(r.ctx, ds[1:2]), "release")
	r.ok(c.Close(), "close")
	other := r.subscribe(r.open(), in)[0]
	left := other.take(1)
	r.wants(left, 1)
	other.none(50 * time.Millisecond)
	other.wantResults([]contract.Outcome{with(left[0], write(0, 1, ""))}, applied)
	same(r, "entries", r.len("q:in"), 0)
	same(r, "marks", int(r.do("HLEN", r.key("part:in")).(int64)), 0)
	same(r, "ready", r.health(b, "in").Ready, 0)
}

// TestStatesChainOverScripts settles more deliveries of one key than one script takes, and values that a call divides by
// their size.
func TestStatesChainOverScripts(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, keeper("in", &Step{}))[0]
	const n = 700
	r.publishKeyed(b, slices.Repeat([]string{"k"}, n)...)
	ds := c.take(n)
	outcomes := make([]contract.Outcome, n)
	want := make([]contract.Result, n)
	for i, d := range ds {
		outcomes[i] = with(d, write(uint64(i), uint64(i+1), strings.Repeat("x", 5<<10)))
		if i >= 600 {
			want[i] = conflict
		}
	}
	outcomes[600].State.Read = n // which is the last mark of the chain
	c.wantResults(outcomes, want...)
	same(r, "mark", r.load(b, "in", "k").Mark, 600)
}

// TestStateExpires goes by the server's clock: a record whose time is over counts as absent, and is removed by the
// process that sweeps. One that was renewed when its former time is over stays, and is looked at again at its end.
func TestStateExpires(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, keeper("in", &Step{}))[0]
	r.publishKeyed(b, "short", "renewed", "ever", "renewed", "ever", "short", "renewed")
	ds := c.take(7)
	lasting := func(d time.Duration, w *contract.StateWrite) *contract.StateWrite { w.TTL = d; return w }
	c.settle(with(ds[0], lasting(20*time.Millisecond, write(0, 1, "short"))),
		with(ds[1], lasting(time.Hour, write(0, 1, "first"))), with(ds[2], lasting(time.Hour, write(0, 1, "first"))))
	c.settle(with(ds[3], lasting(24*time.Hour, write(1, 2, "renewed"))), with(ds[4], write(1, 2, "ever")))
	until := func(key string) time.Duration {
		return time.Until(time.UnixMilli(int64(r.redis.ZScore(r.ctx, r.key("ttl:in"), key).Val())))
	}
	if left := until("renewed"); left > time.Hour+time.Minute {
		t.Errorf("a renewed record is looked at in %v: each renewal would cost a command", left)
	}
	for _, key := range []string{"renewed", "ever"} { // as if their first hour were over
		r.do("ZADD", r.key("ttl:in"), 1, key)
	}
	r.until("the record is over", func() bool { return r.load(b, "in", "short").Mark == 0 })
	c.wantResults([]contract.Outcome{with(ds[5], write(1, 2, "on what is over"))}, conflict)
	r.until("all that is over is swept", func() bool {
		return r.do("HLEN", r.key("state:in")).(int64) == 2 && r.do("ZCARD", r.key("ttl:in")).(int64) == 1 && until("renewed") > 2*time.Hour
	})
	r.wantState(b, "in", "renewed", 2, "renewed")
	r.wantState(b, "in", "ever", 2, "ever")
	same(r, "records listed", len(r.allStates(b, "in", 10, func() {})), 2)
	c.settle(with(ds[5], write(0, 3, "new")), with(ds[6], lasting(2*time.Hour, write(2, 3, "shortened"))))
	r.wantState(b, "in", "short", 3, "new")
	if left := until("renewed"); left > 3*time.Hour {
		t.Errorf("a record that lives 2 hours from now on is looked at in %v", left)
	}
}

// allStates lists the records of an organ by pages, and calls between behind each.
func (r *rig) allStates(b *redisstream.Backend, organ string, limit int, between func()) map[string]int {
	r.Helper()
	seen := map[string]int{}
	for after := ""; ; {
		page, next, err := b.RangeStates(r.ctx, organ, after, limit)
		r.ok(err, "range")
		if len(page) > limit {
			r.Errorf("a page of %d records, want %d at most", len(page), limit)
		}
		for _, s := range page {
			seen[s.Key]++
		}
		if next == "" {
			return seen
		}
		after = next
		between()
	}
}

// TestRangeListsEveryRecordOnce lists the records of an organ while most of them are removed and others come: each that
// stays comes once.
func TestRangeListsEveryRecordOnce(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, keeper("in", &Step{}))[0]
	const n = 900
	fill := func(of string, count int, w contract.StateWrite) {
		keys := make([]string, count)
		for i := range keys {
			keys[i] = fmt.Sprint(of, i, "\x00\xff")
		}
		r.publishKeyed(b, keys...)
		var outcomes []contract.Outcome
		for _, d := range c.take(count) {
			outcomes = append(outcomes, with(d, &w))
		}
		c.settle(outcomes...)
	}
	fill("stays ", n, *write(0, 1, "v"))
	fill("goes ", n, *write(0, 1, "v"))
	pages := 0
	seen := r.allStates(b, "in", 50, func() {
		if pages++; pages == 3 {
			fill("goes ", n, *write(1, 0, ""))
		}
		if pages == 5 {
			fill("comes ", 10, *write(0, 1, "v"))
		}
	})
	for key, times := range seen {
		if times != 1 {
			t.Errorf("the record of %q was listed %d times", key, times)
		}
	}
	stays := slices.DeleteFunc(slices.Collect(maps.Keys(seen)), func(key string) bool { return !strings.HasPrefix(key, "stays ") })
	same(r, "records that stay", len(stays), n)
	if _, _, err := b.RangeStates(r.ctx, "in", "", 0); err == nil || !strings.Contains(err.Error(), "the limit is 0") {
		t.Errorf("a page of no records: %v", err)
	}
}

// TestStatesAreReadInParts reads more bytes than an answer may have: no call answers with more.
func TestStatesAreReadInParts(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	in := keeper("in", &Step{})
	in.Pack = 1
	c := r.subscribe(b, in)[0]
	const n, size = 24, 700 << 10
	var keys []string
	for i := range n {
		keys = append(keys, fmt.Sprintf("key %02d", i))
	}
	r.publishKeyed(b, keys...)
	for _, d := range c.take(n) {
		c.settle(with(d, write(0, 1, strings.Repeat(d.Key[:1], size))))
	}
	list, err := b.LoadStates(r.ctx, "in", append([]string{"none"}, append(keys, "")...))
	r.ok(err, "load")
	same(r, "records", len(list), n+2)
	for i, s := range list {
		if want := i > 0 && i <= n; want != (len(s.Value) == size) || want != (s.Mark == 1) {
			t.Errorf("record %d has %d bytes and the mark %d", i, len(s.Value), s.Mark)
		}
	}
	same(r, "listed", len(r.allStates(b, "in", 100, func() {})), n)
	page, _, err := b.RangeStates(r.ctx, "in", "", 100)
	r.ok(err, "range")
	if len(page) > 4<<20/size+1 {
		t.Errorf("a page of %d records of %d bytes", len(page), size)
	}
}

// TestAlteredStateConflicts writes bytes into the records of an organ that are none. They are read as a record of a version
// that no program knows, a settle conflicts and changes nothing, and other keys go on.
func TestAlteredStateConflicts(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, keeper("in", &Step{}))[0]
	r.publishKeyed(b, "k", "fine", "k")
	ds := c.take(3)
	c.settle(with(ds[0], write(0, 1, "good")))
	good := r.redis.HGet(r.ctx, r.key("state:in"), "k").Val()
	timeless := good[:9] + strings.Repeat("\xff", 8) + good[17:] // whose end is no number
	for _, bad := range []string{"hello", "\x02" + good[1:], good[:20], strings.Repeat("\xff", 1<<16), timeless} {
		r.do("HSET", r.key("state:in"), "k", bad)
		r.do("ZADD", r.key("ttl:in"), 1, "k") // as if its time were over
		if got := r.load(b, "in", "k"); bad != timeless && (got.Version != -1 || got.Mark == 0 || got.Value != nil) {
			t.Errorf("%.20q is loaded as %+v", bad, got)
		}
		same(r, "records listed", r.allStates(b, "in", 10, func() {})["k"], 1)
		c.wantResults([]contract.Outcome{with(ds[2], write(1, 2, "on it"))}, conflict)
	}
	c.wantResults([]contract.Outcome{with(ds[1], write(0, 1, "fine"))}, applied)
	r.until("its time is forgotten", func() bool { return r.do("ZCARD", r.key("ttl:in")).(int64) == 0 })
	same(r, "records", r.do("HLEN", r.key("state:in")).(int64), 2)
	r.do("HDEL", r.key("state:in"), "k")
	c.wantResults([]contract.Outcome{with(ds[2], write(0, 2, "anew"))}, applied)
	r.wantState(b, "in", "k", 2, "anew")
	for _, key := range []string{"state:in", "ttl:in", "keys:in"} {
		r.do("RENAME", r.key("keys:in"), r.key("kept"))
		r.do("DEL", r.key(key))
		r.do("SET", r.key(key), "a text")
		r.publishKeyed(b, "x")
		d := c.take(1)
		_, err := c.Settle(r.ctx, []contract.Outcome{with(d[0], write(0, 1, ""))})
		if err == nil || !strings.Contains(err.Error(), r.key(key)+" holds a string") {
			t.Errorf("settle with a string in %s: %v", key, err)
		}
		r.do("DEL", r.key(key))
		r.do("RENAME", r.key("kept"), r.key("keys:in"))
		c.settle(with(d[0], write(0, 1, "")))
		c.settle(with(func() *contract.Delivery { r.publishKeyed(b, "x"); return c.take(1)[0] }(), write(1, 0, "")))
	}
}

// TestStateOfAnOrganThatGoes removes an organ with its records, and renames another, which keeps them.
func TestStateOfAnOrganThatGoes(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	cs := r.subscribe(b, keeper("gone", &Step{}), keeper("old", &Step{}))
	r.publishKeyed(b, "k")
	for _, c := range cs {
		w := write(0, 1, "kept")
		w.TTL = time.Hour
		c.settle(with(c.take(1)[0], w))
		r.ok(c.Close(), "close")
	}
	r.ok(b.RemoveOrgan(r.ctx, "gone"), "remove")
	for _, key := range []string{"state:gone", "ttl:gone", "keys:gone"} {
		same(r, key, r.do("EXISTS", r.key(key)).(int64), 0)
	}
	same(r, "a row of it", r.redis.HExists(r.ctx, r.key("bind"), "state gone").Val(), false)
	for _, name := range []string{"gone", "never"} {
		_, err := b.LoadStates(r.ctx, name, []string{"k"})
		_, _, listed := b.RangeStates(r.ctx, name, "", 1)
		if !errors.Is(err, contract.ErrNoOrgan) || !errors.Is(listed, contract.ErrNoOrgan) {
			t.Errorf("%s: %v and %v, want %v", name, err, listed, contract.ErrNoOrgan)
		}
	}
	renamed := keeper("new", &Step{})
	renamed.Aliases = []string{"old"}
	other := r.open()
	r.subscribe(other, renamed)
	for _, name := range []string{"new", "old"} {
		r.wantState(other, name, "k", 1, "kept")
		r.wantState(b, name, "k", 1, "kept")
	}
}

// TestFullServerTakesStates settles states while the server is full, so that it can drain.
func TestFullServerTakesStates(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	c := r.subscribe(b, keeper("in", &Step{}))[0]
	r.publishKeyed(b, "k", "k")
	ds := c.take(2)
	r.do("CONFIG", "SET", "maxmemory", "1")
	c.settle(with(ds[0], write(0, 1, "one")), with(ds[1], write(1, 2, "two")))
	r.wantState(b, "in", "k", 2, "two")
}

// TestStateNeedsOnePartition: a record would not be where the deliveries of its key are.
func TestStateNeedsOnePartition(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open(redisstream.WithPartitions(4))
	_, err := b.Subscribe(r.ctx, []contract.Subscription{keeper("in", &Step{})})
	if err == nil || !contract.IsPermanent(err) || !strings.Contains(err.Error(), "organ in: it has a state for each key, which the 4 partitions") {
		t.Errorf("error %v", err)
	}
}

// TestUnusableStatesAreRefused: what could not be stored as it is changes nothing of the call.
func TestUnusableStatesAreRefused(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, keeper("in", &Step{}))[0]
	r.publishKeyed(b, "k", "")
	ds := c.take(2)
	refused := map[string]contract.Outcome{
		"no key":                     with(ds[1], write(0, 1, "")),
		"its state is of version -1": with(ds[0], &contract.StateWrite{Write: 1, Version: -1}),
	}
	if tooLarge := uint64(1) << 32; strconv.IntSize > 32 {
		refused["its state is of version 4294967296"] = with(ds[0], &contract.StateWrite{Write: 1, Version: int(tooLarge)})
	}
	for want, o := range refused {
		_, err := c.Settle(r.ctx, []contract.Outcome{ack(ds[0]), o})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	c.ack(ds...)
}

// TestStatesCostWhatTheyAre counts the commands of a settle: one read and one write for each key, however many
// outcomes it has, and none for outcomes without a state.
func TestStatesCostWhatTheyAre(t *testing.T) {
	t.Parallel()
	const n = 64
	commands := func(keys int, states bool) int {
		r := alone(t)
		b := r.open()
		in := keeper("in", &Step{})
		c := r.subscribe(b, in)[0]
		var list []string
		for i := range n {
			list = append(list, fmt.Sprint("key ", i%keys))
		}
		r.publishKeyed(b, list...)
		var outcomes []contract.Outcome
		mark := map[string]uint64{}
		for i, d := range c.take(n) {
			o := ack(d)
			if states {
				o.State = write(mark[d.Key], uint64(i+1), "value")
				mark[d.Key] = uint64(i + 1)
			}
			outcomes = append(outcomes, o)
		}
		before := r.settleCommands()
		c.settle(outcomes...)
		return r.settleCommands() - before
	}
	var none, one, all int
	for range 5 { // a look at the organ or at the schedule that comes in between counts, too
		none, one, all = commands(n, false), commands(1, true), commands(n, true)
		t.Logf("commands: %d without states, %d for one key, %d for %d keys", none, one, all, n)
		if one <= none+3+4+2 && all <= none+3*n+4+2 { // the types of three keys, and XPENDING
			return
		}
	}
	t.Errorf("%d commands without states, %d for one key, %d for %d keys", none, one, all, n)
}

// settleCommands counts what scripts that settle call, and nobody else meanwhile: the hash and sorted set commands, and
// those of streams that are no reads.
func (r *rig) settleCommands() (n int) {
	r.Helper()
	for line := range strings.Lines(r.redis.Info(r.ctx, "commandstats").Val()) {
		name, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "cmdstat_")), ":")
		if slices.Contains([]string{"hget", "hset", "hdel", "zadd", "zrem", "xack", "xdel", "xpending", "hexists"}, name) {
			var calls int
			_, err := fmt.Sscanf(value, "calls=%d", &calls)
			r.ok(err, name)
			n += calls
		}
	}
	return n
}

// tally is a state: the numbers of the events that were handled, in order.
type tally struct{ text string }

var tallyType = contract.StateType{Name: "TALLY", Organ: "counter", Version: 3, New: func() contract.State { return new(tally) }}

func (s *tally) NecroState() *contract.StateType { return &tallyType }
func (s *tally) Validate() error                 { return nil }
func (s *tally) AppendMsgpack(b []byte) ([]byte, error) {
	return append(b, s.text...), nil
}
func (s *tally) ReadMsgpack(b []byte) ([]byte, error) {
	s.text = string(b)
	return nil, nil
}

// counter is an organ that keeps a tally for each key, and emits a Next for each Step.
func counter() contract.Organ {
	route := on(func(context.Context, *Step, func(contract.Event)) error { return nil }, &Next{})
	route.State = true
	route.Handle = func(_ context.Context, ev contract.Event, out *contract.Emissions) error {
		s := ev.(*Step)
		out.State.(*tally).text += fmt.Sprint(s.N, " ")
		out.Add(&Next{N: s.N, Key: s.Key})
		return nil
	}
	spec := newOrgan("counter", contract.Policy{}, route).NecroOrgan()
	spec.State = &tallyType
	return organ{spec}
}

// TestStateCountsEachEventOnce hands an organ with state from process to process, each of which loses replies. Each event
// is in the record of its key once, in stored order, and has led to one other.
func TestStateCountsEachEventOnce(t *testing.T) {
	t.Parallel()
	r := share(t)
	const n, keys = 900, 3
	r.bind(keeper("counter", &Step{}), sub("out", &Next{}))
	msgs := steps(0, n)
	for i := range msgs {
		msgs[i].Key = fmt.Sprint("k", i%keys)
	}
	b := r.open()
	r.publish(b, msgs[:n/2]...)
	dropped, emitted := 0, 0
	for turn := 1; turn <= 3; turn++ {
		proxy := redistest.StartProxy(t, r.server.Addr())
		stop := r.run(r.spine(r.openAt(proxy.URL()), necro.WithOrgans(counter())))
		if turn == 2 {
			r.publish(b, msgs[n/2:]...)
		}
		for emitted < n*turn/3 && emitted < n {
			proxy.DropReplies(1, "evalsha")
			before := emitted
			r.until("work goes on", func() bool { emitted = int(r.health(b, "out").Ready); return emitted > before })
		}
		stop()
		dropped += proxy.Dropped()
	}
	s := r.spine(r.open(), necro.WithOrgans(counter()))
	_, err := s.Drain(r.ctx)
	r.ok(err, "drain")
	if dropped == 0 {
		t.Error("no reply was lost: the fault did not bite")
	}
	for k := range keys {
		want := ""
		for i := k; i < n; i += keys {
			want += fmt.Sprint(i, " ")
		}
		if got := string(r.load(b, "counter", fmt.Sprint("k", k)).Value); got != want {
			t.Errorf("key %d: handled %.200q, want %.200q", k, got, want)
		}
	}
	same(r, "emitted", r.health(b, "out").Ready, n)
	r.onceEach("q:out", n)
}

// TestAlteredStateBlocksNoOtherKey runs an organ of which one record is no record. Events of its key wait for a program that
// knows it, and are handled when it is gone; those of other keys are handled meanwhile.
func TestAlteredStateBlocksNoOtherKey(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.bind(keeper("counter", &Step{}))
	r.do("HSET", r.key("state:counter"), "bad", "no record")
	r.do("ZADD", r.key("keys:counter"), 0, "bad")
	r.publishKeyed(b, "bad", "good", "bad", "good")
	s := r.spine(r.open(), necro.WithOrgans(counter()))
	r.run(s)
	r.until("the other key is handled", func() bool { return string(r.load(b, "counter", "good").Value) == "1 3 " })
	r.until("its key waits", func() bool { return s.Stats().Declined > 0 })
	r.do("HDEL", r.key("state:counter"), "bad")
	r.until("it is handled", func() bool { return string(r.load(b, "counter", "bad").Value) == "0 2 " })
	same(r, "dead letters", r.health(b, "counter").Dead, 0)
}

// TestClusterKeepsStates settles and reads states over a cluster, where the keys of an organ exist always.
func TestClusterKeepsStates(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	c.partitions = 1
	b := c.process()
	in := c.rig.subscribe(b, keeper("in", &Step{}))[0]
	c.rig.publishKeyed(b, "k", "k")
	ds := in.take(2)
	w := write(0, 1, "one")
	w.TTL = time.Hour
	in.wantResults([]contract.Outcome{with(ds[0], w), with(ds[1], write(5, 6, "two"))}, applied, conflict)
	in.wantResults([]contract.Outcome{with(ds[1], write(1, 0, ""))}, applied)
	same(c.rig, "records", len(c.rig.allStates(b, "in", 10, func() {})), 0)
	same(c.rig, "the record", c.rig.load(b, "in", "").Mark, 0)
}
