package redisstream_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// anHourAgo is a nominal time that has come by any clock.
func anHourAgo() int64 { return time.Now().Add(-time.Hour).Truncate(time.Second).UnixNano() }

// fire fires a schedule, which must be where the call says.
func (r *rig) fire(b *redisstream.Backend, schedule string, after, upTo int64, ticks ...contract.Message) {
	r.Helper()
	state, err := b.Fire(r.ctx, contract.Firing{Schedule: schedule, After: after, UpTo: upTo, Ticks: ticks})
	r.ok(err, "fire")
	if !state.Fired || state.FiredUpTo != upTo {
		r.Fatalf("fire %s: %+v", schedule, state)
	}
}

// firedUpTo returns where a schedule is.
func (r *rig) firedUpTo(b *redisstream.Backend, schedule string) int64 {
	r.Helper()
	state, err := b.FiredUpTo(r.ctx, schedule, contract.ScheduleClaim{})
	r.ok(err, "fired up to")
	return state.FiredUpTo
}

// TestScheduleIsRememberedFor30Days without a call that names it, and no longer.
func TestScheduleIsRememberedFor30Days(t *testing.T) {
	t.Parallel()
	r := share(t)
	b, at := r.open(), anHourAgo()
	for name, days := range map[string]int{"young": 29, "old": 31} {
		r.fire(b, name, 0, at)
		named := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
		r.do("HSET", r.key("every"), name, fmt.Sprintf("%d 0 %d ", at/1e6, named.UnixMilli()))
	}
	same(r, "another schedule", r.firedUpTo(b, "other"), 0)
	if left := r.redis.HKeys(r.ctx, r.key("every")).Val(); !slices.Equal(left, []string{"young"}) {
		t.Errorf("the schedules %q are kept", left)
	}
	same(r, "the young one", r.firedUpTo(b, "young"), at)
	same(r, "the old one", r.firedUpTo(b, "old"), 0)
}

// TestScheduleHasOnePartition: that of its name, in all processes. An organ gets each tick once.
func TestScheduleHasOnePartition(t *testing.T) {
	t.Parallel()
	r := share(t)
	one, other := r.partitioned(), r.partitioned()
	c := r.subscribe(one, sub("in", &Step{}))[0]
	at, used := anHourAgo(), 0
	const schedules = 20
	for n := range schedules {
		name := fmt.Sprint("s", n)
		r.fire(one, name, 0, at)
		r.fire(other, name, at, at+1e9, message(&Step{N: n}))
		state, err := one.Fire(r.ctx, contract.Firing{Schedule: name, After: at, UpTo: at + 1e9, Ticks: []contract.Message{message(&Step{N: n})}})
		r.ok(err, "fire again")
		same(r, "where it is", state, contract.ScheduleState{FiredUpTo: at + 1e9, Now: state.Now})
	}
	for p := range partitions {
		kept := int(r.do("HLEN", r.keyOf(p, "every")).(int64))
		same(r, "ticks beside their schedule", len(r.messages(p, "q:in")), kept)
		if kept > 0 {
			used++
		}
	}
	if used < 2 {
		t.Errorf("%d schedules are in %d partition", schedules, used)
	}
	c.ack(c.take(schedules)...)
	c.none(100 * time.Millisecond)
}

// TestFullServerRefusesTicks, tells how far the schedule is, and fires the tick when there is room.
func TestFullServerRefusesTicks(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b, at := r.open(), anHourAgo()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.fire(b, "s", 0, at)
	r.do("CONFIG", "SET", "maxmemory", "1")
	tick := contract.Firing{Schedule: "s", After: at, UpTo: at + 1e9, Ticks: steps(0, 1)}
	if _, err := b.Fire(r.ctx, tick); !errors.Is(err, contract.ErrBackendFull) {
		t.Errorf("fire: %v, want ErrBackendFull", err)
	}
	same(r, "fired up to", r.firedUpTo(b, "s"), at)
	r.do("CONFIG", "SET", "maxmemory", "0")
	r.fire(b, "s", at, at+1e9, tick.Ticks...)
	c.ack(c.take(1)...)
}
