package redisstream_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// alteredCopies are what broken memory, a bug or a person makes of stored bytes: cut, doubled, changed, hollowed out.
func alteredCopies(bytes string) []string {
	var list []string
	for _, n := range []int{1, 3, len(bytes) / 2, len(bytes) - 1} {
		list = append(list, bytes[:min(n, len(bytes))])
	}
	list = append(list, bytes+bytes, bytes+"\xc1", "\x91"+bytes)
	for at := range min(len(bytes), 90) {
		for _, by := range []string{"\xc1", "\xff", "\xdd", "\x00"} {
			list = append(list, bytes[:at]+by+bytes[at+1:])
		}
	}
	return slices.DeleteFunc(list, func(altered string) bool { return altered == bytes })
}

// someOf returns every n-th of a list, from the i-th on.
func someOf(list []string, i, n int) (some []string) {
	for ; i < len(list); i += n {
		some = append(some, list[i])
	}
	return some
}

// TestAlteredScheduleTakesNothingAlong puts altered copies of a retry among others that are due with them. Each of the
// others is delivered: what cannot be read does not swallow those that are moved with it.
func TestAlteredScheduleTakesNothingAlong(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("o", &Step{}))[0]
	const good = 20
	r.publish(b, steps(0, good)...)
	for _, d := range c.take(good) {
		c.settle(retry(d, time.Hour))
	}
	due, err := r.redis.ZRange(r.ctx, r.key("due"), 0, -1).Result()
	r.ok(err, "read the schedule")
	pipe := r.redis.Pipeline()
	for i, member := range due[len(due)-good:] {
		pipe.ZAdd(r.ctx, r.key("due"), redis.Z{Score: 1, Member: member})
		for _, altered := range someOf(alteredCopies(member), i, good) { // several between any two, by their bytes
			pipe.ZAdd(r.ctx, r.key("due"), redis.Z{Score: 1, Member: altered})
		}
	}
	_, err = pipe.Exec(r.ctx)
	r.ok(err, "alter the schedule")
	r.workOffAll(c, good)
	r.until("the counts are right", func() bool {
		counts, err := r.redis.HGetAll(r.ctx, r.key("n")).Result()
		r.ok(err, "read the counts")
		for field, count := range counts {
			if strings.HasPrefix(field, "due ") && count != "0" {
				return false
			}
		}
		return true
	})
}

// TestAlteredParkTakesNothingAlong does the same to the parks of two events: what is behind goes to the organ that
// binds them at last, and so does what is published from then on.
func TestAlteredParkTakesNothingAlong(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	const good = 20
	for i := range good {
		r.publish(b, steps(i, 1)...)
		r.publish(b, message(&Next{N: i}))
		for event, park := range map[string]string{"STEP": r.key("park:STEP"), "NEXT": r.key("park:NEXT")} {
			entry, err := r.redis.XRevRangeN(r.ctx, park, "+", "-", 1).Result()
			r.ok(err, "read the park of "+event)
			bytes := entry[0].Values["m"].(string)
			for _, altered := range someOf(alteredCopies(bytes), i, good) {
				r.do("XADD", park, "*", "m", altered, "seq", entry[0].Values["seq"])
			}
			r.do("XADD", park, "*", "m", "\x91\xc0")
			r.do("XADD", park, "*", "other", "\xc1", "m", bytes)
		}
	}
	c := r.subscribe(b, sub("o", &Step{}, &Next{}))[0]
	r.publish(b, steps(good, 1)...)
	r.workOffAll(c, good+1)
}

// workOffAll acknowledges until all steps with numbers below n have come, and nothing is left for the organ.
func (r *rig) workOffAll(c *consumer, n int) {
	r.Helper()
	came := map[int]bool{}
	for len(came) < n {
		ctx, cancel := context.WithTimeout(r.ctx, r.soon())
		ds, err := c.fetch(ctx, 100)
		cancel()
		if err != nil {
			r.Fatalf("fetch: %v; %d of %d events came", err, len(came), n)
		}
		for _, d := range ds {
			if i := number(d); d.Type.Name == "STEP" && i >= 0 && i < n {
				came[i] = true
			}
		}
		for _, d := range ds {
			c.settle(ack(d))
		}
	}
}

// TestAlteredMarksLoseNothing spoils the marks that say which messages of a pack are done: too few of them, too many,
// others. Each message runs, also when one after the other is settled, and the entry goes with the last one.
func TestAlteredMarksLoseNothing(t *testing.T) {
	t.Parallel()
	for _, marks := range []string{"", ".", "xxxx", "\x00\xff", "....................", "ABCDEFGH"} {
		t.Run(fmt.Sprintf("%q", marks), func(t *testing.T) {
			r := share(t)
			first := r.open()
			c := r.subscribe(first, sub("o", &Step{}))[0]
			r.publish(first, steps(0, 5)...)
			ds := c.take(5)
			entry := r.messages(0, "q:o")[0].entry
			r.do("HSET", r.key("part:o"), entry, marks)
			c.settle(ack(ds[3]))
			c.settle(ack(ds[4]))
			same(r, "entries while messages are open", r.len("q:o"), 1)
			c.settle(ack(ds[0]), ack(ds[1]), ack(ds[2]))
			h := r.health(first, "o")
			same(r, "stored after all", h.Leased+h.Ready, 0)
		})
	}
}

// TestAlteredWaitBlocksNoChangeOfOrder spoils what waits for its key, and changes the order of the organ: all that can
// be read is handled.
func TestAlteredWaitBlocksNoChangeOfOrder(t *testing.T) {
	t.Parallel()
	for _, to := range []contract.OrderMode{contract.OrderFirstAttempts, contract.OrderStrict, contract.OrderKey} {
		t.Run(fmt.Sprint("to ", to), func(t *testing.T) {
			r := share(t)
			b := r.open()
			keyed := sub("o", &Step{})
			keyed.Order = contract.OrderKey
			c := r.subscribe(b, keyed)[0]
			for i := range 10 {
				r.publish(b, message(&Step{N: i, Key: "k"}))
			}
			c.settle(retry(c.take(1)[0], time.Hour))
			fetching, cancel := context.WithCancel(r.ctx)
			go c.Fetch(fetching, 1)
			r.until("nine wait", func() bool { return r.do("ZCARD", r.key("wait:o")).(int64) >= 9 })
			cancel()
			waiting, err := r.redis.ZRange(r.ctx, r.key("wait:o"), 0, -1).Result()
			r.ok(err, "read what waits")
			for _, altered := range alteredCopies(waiting[len(waiting)-1])[:40] {
				r.do("ZADD", r.key("wait:o"), 0, altered)
			}
			r.ok(c.Close(), "close")
			r.ok(b.Close(), "close the backend")
			r.do("ZADD", r.key("due"), 0, r.redis.ZRange(r.ctx, r.key("due"), 0, 0).Val()[0])
			handled := journal[int]{}
			s := r.spine(r.open(), necro.WithOrgans(newOrgan("o", contract.Policy{Order: to}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
				handled.add(s.N)
				return nil
			}))))
			r.run(s)
			r.until("all are handled", func() bool {
				seen := handled.all()
				slices.Sort(seen)
				return len(slices.Compact(seen)) >= 10
			})
		})
	}
}
