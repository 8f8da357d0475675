package redisstream_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// uniques returns events of one key each, which are unique for longer than a test lasts.
func uniques(from, n int) []contract.Message {
	msgs := steps(from, n)
	for i := range msgs {
		msgs[i].Key, msgs[i].Unique = fmt.Sprint("k", from+i), 24*time.Hour
	}
	return msgs
}

// inPlaceOf publishes an event, and returns the id of the one in its place; the zero id for none.
func (r *rig) inPlaceOf(b *redisstream.Backend, m contract.Message) contract.ID {
	r.Helper()
	duplicates, err := b.Publish(r.ctx, []contract.Message{m}, contract.PublishOptions{})
	r.ok(err, "publish")
	return duplicates.Of(0)
}

// TestUniqueEventsInPacks settles entries that have unique events beside others, at once and in parts, with retries in between: each
// holds its place until it is done itself, and a whole settle leaves nothing behind.
func TestUniqueEventsInPacks(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	const n = 20
	msgs := slices.Concat(steps(100, 5), uniques(0, n), steps(200, 5))
	r.publish(b, msgs...)
	same(r, "entries", r.len("q:in"), 1)
	ds := c.take(len(msgs))
	c.settle(retry(ds[5], 0), retry(ds[6], 0), ack(ds[7]))
	for i, m := range uniques(0, 4) {
		same(r, fmt.Sprint("the place of ", i, " is taken"), !r.inPlaceOf(b, m).IsZero(), i != 2)
	}
	c.settle(append([]contract.Outcome{bury(ds[0])}, acks(append(ds[1:5:5], ds[8:]...))...)...)
	c.ack(c.take(3)...) // both retries, and the second one of the place that was free
	same(r, "unique events", len(r.redis.HKeys(r.ctx, r.key("uniq")).Val()), 0)
	same(r, "and their ends", r.redis.ZCard(r.ctx, r.key("uniq:ends")).Val(), 0)
	for _, m := range uniques(0, n) {
		same(r, "in its place", r.inPlaceOf(b, m), contract.ID{})
	}
}

// TestUniqueKeylessEventsHaveOnePartition: events without a key go where their name says, so that they meet.
func TestUniqueKeylessEventsHaveOnePartition(t *testing.T) {
	t.Parallel()
	r := share(t)
	a, b := r.partitioned(), r.partitioned()
	r.subscribe(a, sub("in", &Step{}))
	first := uniques(0, 1)[0]
	first.Key = ""
	same(r, "in the place of the first", r.inPlaceOf(a, first), contract.ID{})
	for range 20 {
		m := uniques(1, 1)[0]
		m.Key = ""
		same(r, "in its place", r.inPlaceOf(b, m), first.ID)
	}
}

// TestUniqueOrganThatIsBoundAgain gets nothing of what it had, so it holds no place.
func TestUniqueOrganThatIsBoundAgain(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.publish(b, uniques(0, 1)...)
	r.ok(c.Close(), "close")
	r.ok(b.RemoveOrgan(r.ctx, "in"), "remove")
	r.subscribe(b, sub("in", &Step{}))
	same(r, "in its place", r.inPlaceOf(b, uniques(0, 1)[0]), contract.ID{})
}

// TestUniqueEndsWhenItsParkLetsItGo fills the park of an event until that lets its oldest events go.
func TestUniqueEndsWhenItsParkLetsItGo(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	for n := range 20 {
		m := message(&Step{N: n, Text: strings.Repeat("x", 900_000)})
		m.Key, m.Unique = fmt.Sprint("k", n), 24*time.Hour
		r.publish(b, m)
	}
	same(r, "the place of the newest is taken", !r.inPlaceOf(b, uniques(19, 1)[0]).IsZero(), true)
	same(r, "in the place of the oldest", r.inPlaceOf(b, uniques(0, 1)[0]), contract.ID{})
}

// TestUniqueRowsOfOthers: whatever stands in the keys of unique events, an event is stored or a duplicate, and settled; a key of another
// type is an error in front of the first write.
func TestUniqueRowsOfOthers(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	const over = "99999999999999"
	for i, row := range []string{"", "\x00", "\x00\x00", over, over + "\x00", over + "\x00\x00", over + "\x00no organ\x00k", over + "\x00 0/ 1/in\x00k",
		strings.Repeat("9", 400) + "\x000/in\x00", "-1\x000/in\x00STEP\x00k0", "1e9\x00\x00", over + "\x000/in\x00\xff\x00\r\n"} {
		m := uniques(0, 1)[0]
		r.inPlaceOf(b, m)
		r.do("HSET", r.key("uniq"), "!"+string(m.ID[:]), row)
		r.inPlaceOf(b, uniques(0, 1)[0])
		for _, d := range c.take(r.health(b, "in").Ready) {
			c.ack(d)
		}
		r.do("HSET", r.key("uniq"), "@STEP\x00k0", []string{"short", "", string(m.ID[:]) + "longer"}[i%3])
		same(r, fmt.Sprintf("in the place that leads nowhere, after %q", row), r.inPlaceOf(b, uniques(0, 1)[0]), contract.ID{})
		c.ack(c.take(1)...)
		r.do("DEL", r.key("uniq"), r.key("uniq:ends"))
	}
	r.publish(b, uniques(1, 1)...)
	ds := c.take(1)
	for key, kind := range map[string][]any{"uniq": {"SET", "text"}, "uniq:ends": {"LPUSH", "text"}} {
		r.do("DEL", r.key(key))
		r.do(kind[0], r.key(key), kind[1])
		stored := r.len("q:in")
		if _, err := b.Publish(r.ctx, uniques(2, 1), contract.PublishOptions{}); err == nil || !strings.Contains(err.Error(), r.key(key)) {
			t.Errorf("publish over %s of another type: %v", key, err)
		}
		if _, err := c.Settle(r.ctx, acks(ds)); err == nil || !strings.Contains(err.Error(), r.key(key)) {
			t.Errorf("settle over %s of another type: %v", key, err)
		}
		same(r, "entries", r.len("q:in"), stored)
		r.do("DEL", r.key(key))
	}
	c.ack(ds...)
}

// TestLostPublishReplyTellsUniqueEvents loses the reply that says which event is in the place of a unique one. The repeated call
// says it again.
func TestLostPublishReplyTellsUniqueEvents(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	r.bind(sub("in", &Step{}))
	b := r.openAt(proxy.URL())
	first, msgs := uniques(0, 2), slices.Concat(uniques(0, 1), steps(10, 1), uniques(1, 2))
	msgs[2].Once = true
	r.publish(b, first...)
	proxy.DropReplies(1, "evalsha")
	duplicates, err := b.Publish(r.ctx, msgs, contract.PublishOptions{})
	r.ok(err, "publish")
	same(r, "lost replies", proxy.Dropped(), 1)
	for i, want := range []contract.ID{first[0].ID, {}, first[1].ID, {}} {
		same(r, fmt.Sprint("in the place of ", i), duplicates.Of(i), want)
	}
}
