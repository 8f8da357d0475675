package redisstream_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestScheduledPageIsNoScan keeps 100,000 events for one time: a page in the middle costs the server a bounded number of
// commands.
func TestScheduledPageIsNoScan(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	const count, atOnce, shown = 100_000, 1000, 10
	due := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	for n := 0; n < count; n += atOnce {
		msgs := steps(n, atOnce)
		for i := range msgs {
			msgs[i].Due = due.UnixNano()
		}
		r.publish(b, msgs...)
	}
	_, next, err := b.Scheduled(r.ctx, "", 1000)
	r.ok(err, "list the schedule")
	for _, after := range []string{"", next} {
		before := r.commandCalls()
		page, _, err := b.Scheduled(r.ctx, after, shown)
		r.ok(err, "list the schedule")
		same(r, "events", len(page), shown)
		if calls := r.commandCalls() - before; calls > 200 {
			t.Errorf("a page of %d events behind %.8q costs %d commands", shown, after, calls)
		}
	}
}

// commandCalls is how many commands the server has run, those of scripts included.
func (r *rig) commandCalls() (sum int) {
	r.Helper()
	info, err := r.redis.Info(r.ctx, "commandstats").Result()
	r.ok(err, "info")
	for _, line := range strings.Split(info, "\r\n") {
		if _, row, ok := strings.Cut(line, ":calls="); ok {
			calls, _, _ := strings.Cut(row, ",")
			n, err := strconv.Atoi(calls)
			r.ok(err, "a number of calls")
			sum += n
		}
	}
	return sum
}

// TestScheduledOfAllPartitions lists the events of four partitions in one order, and those of the others beside the error
// when one cannot be read.
func TestScheduledOfAllPartitions(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open(redisstream.WithPartitions(4))
	const count = 40
	msgs := steps(0, count)
	start := time.Now()
	for i := range msgs {
		msgs[i].Key = fmt.Sprint("key-", i)
		msgs[i].Due = start.Add(time.Hour + time.Duration(i*7%count)*time.Minute).UnixNano()
	}
	r.publish(b, msgs...)
	var last time.Time
	seen := map[contract.ID]bool{}
	for after := ""; ; {
		page, next, err := b.Scheduled(r.ctx, after, 7)
		r.ok(err, "list the schedule")
		for _, e := range page {
			if e.Due.Before(last) {
				t.Errorf("an event that is due at %v comes behind one of %v", e.Due, last)
			}
			last, seen[e.Message.ID] = e.Due, true
		}
		if after = next; next == "" {
			break
		}
	}
	same(r, "events", len(seen), count)
	r.ok(r.redis.Rename(r.ctx, r.keyOf(1, "later"), r.keyOf(1, "aside")).Err(), "rename")
	r.ok(r.redis.Set(r.ctx, r.keyOf(1, "later"), "", 0).Err(), "set")
	page, _, err := b.Scheduled(r.ctx, "", 100)
	if err == nil || len(page) == 0 || len(page) >= count {
		t.Errorf("with a partition that cannot be read: %d events, error %v", len(page), err)
	}
}
