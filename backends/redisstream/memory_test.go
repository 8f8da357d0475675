package redisstream_test

import (
	"context"
	"flag"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/necrostack/necrogen/runtime/contract"
)

var memoryEvents = flag.Int("memory.events", 30_000, "events that TestMemoryIsGivenBack sends through a chain")

// TestMemoryIsGivenBack sends many events through a chain of three organs. What is left on the
// server does not grow with them.
func TestMemoryIsGivenBack(t *testing.T) {
	t.Parallel()
	r := alone(t)
	r.through(500) // so that all is there that stays
	before := r.used()
	n := *memoryEvents
	r.through(n)
	grown := r.used() - before
	t.Logf("%d events: %d bytes more than before", n, grown)
	if limit := 512<<10 + 5*n; grown > limit { // 5 MB for a million
		t.Errorf("memory grew by %d bytes with %d events, want at most %d", grown, n, limit)
	}
	same(r, "keys", r.leftKeys(), "bind meta n q:one q:three q:two")
	for _, name := range chained {
		info, err := r.redis.XInfoStream(r.ctx, r.key("q:"+name)).Result()
		r.ok(err, "stream of "+name)
		if info.Length != 0 || info.RadixTreeNodes > 4 {
			t.Errorf("the stream of %s has %d entries in %d nodes", name, info.Length, info.RadixTreeNodes)
		}
	}
}

// through sends n events through the chain, and ends all that worked on it.
func (r *rig) through(n int) {
	r.Helper()
	b := r.open()
	s := r.spine(b, chain(func(context.Context, *Last, func(contract.Event)) error { return nil }))
	stop := r.run(s)
	for i := 0; i < n; i += 500 {
		events := make([]contract.Event, min(500, n-i))
		for j := range events {
			events[j] = &Step{N: i + j, Key: strconv.Itoa(j), Text: "of a length that is usual for an event"}
		}
		r.ok(s.PublishBatch(r.ctx, events), "publish")
	}
	r.until("all is handled", func() bool { return s.Stats().Handled == uint64(3*n) })
	stop()
	r.ok(b.Close(), "close")
}

// passing are keys of what other publishers let go two minutes after a process has ended.
var passing = regexp.MustCompile(`:tok(:seen)?$`)

// used returns the server's memory, without what goes by itself.
func (r *rig) used() int {
	r.Helper()
	for _, key := range r.keys() {
		if passing.MatchString(key) {
			r.do("DEL", key)
		}
	}
	info, err := r.redis.Info(r.ctx, "memory").Result()
	r.ok(err, "info")
	used, err := strconv.Atoi(regexp.MustCompile(`used_memory:(\d+)`).FindStringSubmatch(info)[1])
	r.ok(err, "used memory")
	return used
}

func (r *rig) keys() []string {
	r.Helper()
	keys, err := r.redis.Keys(r.ctx, "*").Result()
	r.ok(err, "keys")
	slices.Sort(keys)
	return keys
}

// leftKeys names what is in the namespace, and what is not.
func (r *rig) leftKeys() (names string) {
	for _, key := range r.keys() {
		if names != "" {
			names += " "
		}
		if prefix := r.key(""); len(key) > len(prefix) && key[:len(prefix)] == prefix {
			key = key[len(prefix):]
		}
		names += key
	}
	return names
}
