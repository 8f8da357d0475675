package redisstream_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestTextsOfDeadLettersAreBounded settles with an error and a stack of megabytes, and lists what
// another program has stored unbounded.
func TestTextsOfDeadLettersAreBounded(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	in := sub("in", &Step{})
	in.DeadBytes = 1 << 30
	c := r.subscribe(b, in)[0]
	r.publish(b, steps(0, 1)...)
	d := c.take(1)[0]
	text := "begin" + strings.Repeat("x", 2<<20) + "end"
	c.settle(contract.Outcome{Delivery: d, Kind: contract.OutcomeDead, Death: &contract.Death{
		Reason: contract.ReasonPermanent, Error: text, Stack: text, Halt: true,
	}})
	if n := r.do("MEMORY", "USAGE", r.key("dead:in")).(int64); n > 200<<10 {
		t.Errorf("the dead letter takes %d bytes", n)
	}
	id := d.ID
	r.ok(r.redis.XAdd(r.ctx, &redis.XAddArgs{Stream: r.key("dead:in"), Values: []any{
		"m", "old", "id", id[:], "attempts", "-7", "reason", text, "error", text, "stack", text,
	}}).Err(), "store what others wrote")
	if paused := r.health(b, "in").Paused; len(paused) > 20<<10 {
		t.Errorf("the reason of the pause has %d bytes", len(paused))
	}
	letters, err := b.DeadLetters(r.ctx, "in", contract.ID{}, 10)
	r.ok(err, "list")
	same(r, "letters", len(letters), 2)
	for _, l := range letters {
		for _, text := range []string{l.Error, l.Stack} {
			if len(text) > 66<<10 || !strings.HasPrefix(text, "begin") || !strings.HasSuffix(text, "end") {
				t.Errorf("a text of %d bytes, want beginning and end of it", len(text))
			}
		}
		same(r, "attempts", l.Attempts, 0)
	}
}

// TestDeadLettersArePagedByBytes lists letters of 900 KB over a network, a few megabytes at a time,
// and finds all of them.
func TestDeadLettersArePagedByBytes(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.bind(sub("in", &Step{}))
	const count, size = 30, 900 << 10
	for _, m := range large(0, count, size) {
		id := contract.DeliveryID(m.ID, "in")
		m := bytesOf([]any{1, m.ID[:], nil, nil, "STEP", 1, 0, 0, "", nil, m.Payload})
		entry, err := r.redis.XAdd(r.ctx, &redis.XAddArgs{Stream: r.key("dead:in"), Values: []any{
			"m", m, "id", id[:], "attempts", 0, "reason", "permanent", "error", "no", "stack", "",
		}}).Result()
		r.ok(err, "store a dead letter")
		r.do("HSET", r.key("deadid:in"), id[:], entry)
	}
	proxy := redistest.StartProxy(t, r.server.Addr())
	b := r.openAt(proxy.URL() + "?read_timeout=1m") // a loaded machine needs more than 3 s for some megabytes
	found := map[contract.ID]bool{}
	for after := (contract.ID{}); ; {
		_, before := proxy.Passed()
		letters, err := b.DeadLetters(r.ctx, "in", after, 100)
		r.ok(err, "list")
		if _, passed := proxy.Passed(); passed-before > 16<<20 {
			t.Errorf("%d bytes were sent for a page", passed-before)
		}
		if len(letters) == 0 {
			break
		}
		for _, l := range letters {
			found[l.ID] = true
		}
		after = letters[len(letters)-1].ID
	}
	same(r, "found", len(found), count)
}
