package redisstream_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestPacks looks at the entries that events are stored in.
func TestPacks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		publish [][]contract.Message // each together
		option  redisstream.Option
		pack    int   // of the organ
		want    []int // messages of each entry
	}{
		"Together":     {publish: [][]contract.Message{steps(0, 10)}, want: []int{10}},
		"Alone":        {publish: [][]contract.Message{steps(0, 1), steps(1, 1), steps(2, 1)}, want: []int{1, 1, 1}},
		"AtMost64":     {publish: [][]contract.Message{steps(0, 150)}, want: []int{64, 64, 22}},
		"Off":          {publish: [][]contract.Message{steps(0, 5)}, option: redisstream.WithPack(1), want: []int{1, 1, 1, 1, 1}},
		"ByOption":     {publish: [][]contract.Message{steps(0, 5)}, option: redisstream.WithPack(2), want: []int{2, 2, 1}},
		"ByPolicy":     {publish: [][]contract.Message{steps(0, 5)}, option: redisstream.WithPack(2), pack: 3, want: []int{3, 2}},
		"OffByPolicy":  {publish: [][]contract.Message{steps(0, 3)}, pack: 1, want: []int{1, 1, 1}},
		"64KiB":        {publish: [][]contract.Message{texts(10, 20<<10)}, want: []int{3, 3, 3, 1}},
		"OneIsLarger":  {publish: [][]contract.Message{texts(3, 100<<10)}, want: []int{1, 1, 1}},
		"DifferentOne": {publish: [][]contract.Message{{message(&Step{}), message(&Next{}), message(&Step{N: 1})}}, want: []int{3}},
	} {
		t.Run(name, func(t *testing.T) {
			r := share(t)
			options := []redisstream.Option{redisstream.WithPack(64)}
			if test.option != nil {
				options = append(options, test.option)
			}
			b := r.open(options...)
			in := sub("in", &Step{}, &Next{})
			in.Pack = test.pack
			c := r.subscribe(b, in)[0]
			var published []contract.ID
			for _, msgs := range test.publish {
				r.publish(b, msgs...)
				for _, m := range msgs {
					published = append(published, m.ID)
				}
			}
			r.wantPacks(test.want)
			for i, d := range c.take(len(published)) {
				same(r, fmt.Sprint("event ", i), d.ID, published[i])
				c.ack(d)
			}
			same(r, "entries", r.len("q:in"), 0)
		})
	}
}

// wantPacks compares how many messages the entries have, and bounds their bytes.
func (r *rig) wantPacks(want []int) {
	r.Helper()
	var got []int
	last := ""
	for _, m := range r.messages(0, "q:in") {
		if m.entry != last {
			got = append(got, 0)
		}
		last = m.entry
		got[len(got)-1]++
	}
	if !slices.Equal(got, want) {
		r.Fatalf("packs of %v, want %v", got, want)
	}
	entries, err := r.redis.XRange(r.ctx, r.key("q:in"), "-", "+").Result()
	r.ok(err, "entries")
	for i, e := range entries {
		if size := len(e.Values["m"].(string)); i < len(got) && got[i] > 1 && size > 64<<10+8 {
			r.Errorf("entry %d, of %d messages, has %d bytes", i, got[i], size)
		}
	}
}

// texts returns messages that carry so many bytes each.
func texts(count, size int) []contract.Message {
	msgs := make([]contract.Message, count)
	for i := range msgs {
		msgs[i] = message(&Step{N: i, Text: strings.Repeat("x", size)})
	}
	return msgs
}

// TestPublishersPackTogether lets many callers publish one event each over a slow line: what
// comes while a call is under way goes together.
func TestPublishersPackTogether(t *testing.T) {
	t.Parallel()
	r := share(t)
	r.bind(sub("in", &Step{}))
	proxy := redistest.StartProxy(t, r.server.Addr())
	b := r.openAt(proxy.URL())
	r.publish(b, steps(0, 1)...)
	proxy.Delay(25 * time.Millisecond)
	const n = 60
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() { r.publish(b, steps(i, 1)...) })
	}
	callers.Wait()
	r.onceEach("q:in", n+1)
	if entries := r.len("q:in") - 1; entries > n/4 {
		t.Errorf("%d events of concurrent callers are in %d entries", n, entries)
	}
}

// TestLoneEventIsSentAtOnce wants nothing to wait for company: the way through the backend takes
// no longer than a few round trips.
func TestLoneEventIsSentAtOnce(t *testing.T) {
	t.Parallel()
	r := share(t)
	c := r.subscribe(r.open(), sub("in", &Step{}))[0]
	b := r.open()
	const limit = 10 * time.Millisecond
	fastest := time.Hour
	for i := 0; i < 300 && fastest > limit; i++ { // a loaded machine delays nearly all of them
		start := time.Now()
		r.publish(b, steps(i, 1)...)
		ds := c.take(1)
		fastest = min(fastest, time.Since(start))
		r.wants(ds, i)
		c.ack(ds...)
	}
	if fastest > limit {
		t.Errorf("the fastest lone event took %v", fastest)
	}
}

// TestOutcomesOfAPack settles the events of one pack in different ways: each has its own, and
// the others are not touched.
func TestOutcomesOfAPack(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}), sub("out", &Next{}))[0]
	r.publish(b, steps(0, 8)...)
	ds := c.take(8)
	same(r, "entries", r.len("q:in"), 1)
	c.settle(retry(ds[3], 50*time.Millisecond))
	c.settle(bury(ds[5]))
	c.settle(ack(ds[0], next(ds[0])), ack(ds[1]), ack(ds[2]))
	c.none(20 * time.Millisecond)
	same(r, "entries", r.len("q:in"), 1)
	r.ok(c.Release(r.ctx, ds[6:]), "release")
	r.wants(c.take(2), 6, 7)
	c.settle(ack(ds[4]))
	again := c.take(1)
	r.wants(again, 3)
	same(r, "attempts", again[0].Attempts, 1)
	same(r, "id", again[0].ID, ds[3].ID)
	c.ack(again...)
	letters, err := b.DeadLetters(r.ctx, "in", contract.ID{}, 10)
	r.ok(err, "dead letters")
	if len(letters) != 1 || letters[0].Message.ID != ds[5].ID {
		t.Errorf("dead letters: %+v, want event 5", letters)
	}
	h := r.health(b, "in")
	same(r, "left", h.Ready+h.Leased+h.Scheduled, 2)
	c.ack(ds[6:]...)
	same(r, "entries", r.len("q:in"), 0)
	same(r, "kept progress", int(r.do("EXISTS", r.key("part:in")).(int64)), 0)
	r.onceEach("q:out", 1)
}
