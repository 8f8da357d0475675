package redisstream_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// bytesOf encodes with a library that is not ours.
func bytesOf(v any) string {
	b, err := msgpack.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// plain is a message as it stands in an entry, to be spoiled.
func plain(n int) []any {
	payload, _ := (&Step{N: n}).AppendMsgpack(nil)
	id := contract.NewID()
	return []any{1, id[:], nil, nil, "STEP", 1, time.Now().UnixNano(), 0, "", nil, payload}
}

// spoiled is a plain message with another element.
func spoiled(at int, by any) []any {
	m := plain(900)
	m[at] = by
	return m
}

// garbage is what may stand in an entry that no program of ours wrote.
var garbage = []struct {
	entry string
	said  string // by its dead letter
	good  []int  // numbers of messages in the entry that can be read
}{
	{entry: "hello", said: "an integer where an array is due"},
	{entry: "", said: "the input ends"},
	{entry: "\xc0", said: "a pack of -1 messages"},
	{entry: `{"n":1}`, said: "an integer where an array is due"},
	{entry: bytesOf([]any{}), said: "a pack of 0 messages"},
	{entry: bytesOf(slices.Repeat([]any{plain(900)}, 65)), said: "a pack of 65 messages, want 1 to 64"},
	{entry: "\xdd\xff\xff\xff\xff" + bytesOf(plain(900)), said: "a length of 4294967295"},
	{entry: "\x91\xdd\xff\xff\xff\xff\x01", said: "a length of 4294967295"},
	{entry: "\x91\x9b\x01\xc4\x10" + strings.Repeat("i", 16) + "\xc0\xc0\xdb\xff\xff\xff\xff", said: "a length of 4294967295"},
	{entry: "\x91\x9b\x01" + strings.Repeat("\x91", 5000) + "\xc0", said: "an array where a string is due"},
	{entry: "\x91\xc7\x04\x05abcd", said: "an extension where an array is due"},
	{entry: bytesOf([]any{plain(900)})[:50], said: "message 0"},
	{entry: bytesOf([]any{spoiled(0, 2)}), said: "newer layout: update this program"},
	{entry: bytesOf([]any{plain(900)[:10]}), said: "a message of 10 elements"},
	{entry: bytesOf([]any{spoiled(1, []byte("short"))}), said: "an id of 5 bytes"},
	{entry: bytesOf([]any{spoiled(4, 7)}), said: "an integer where a string is due"},
	{entry: bytesOf([]any{spoiled(9, []any{1})}), said: "an array where a map is due"},
	{entry: bytesOf([]any{spoiled(9, map[string]int{"a": 1})}), said: "an integer where a string is due"},
	{entry: bytesOf([]any{spoiled(7, int64(1<<40))}), said: "hops 1099511627776, want 0 to 1073741824"},
	{entry: bytesOf([]any{append(plain(900), int64(1<<40), 0, 0)}), said: "attempts 1099511627776, want 0 to 1073741824"},
	{entry: bytesOf([]any{spoiled(0, -1)}), said: "layout -1, want 0"},
	{entry: bytesOf([]any{spoiled(5, -1)}), said: "version -1, want 0"},
	{entry: bytesOf([]any{spoiled(5, int64(1<<33))}), said: "version 8589934592, want 0"},
	{entry: bytesOf([]any{spoiled(6, -1)}), said: "time -1, want 0"},
	{entry: bytesOf([]any{spoiled(7, -1)}), said: "hops -1, want 0"},
	{entry: bytesOf([]any{append(plain(900), -2, 0, 0)}), said: "attempts -2, want 0"},
	{entry: bytesOf([]any{append(plain(900), 0, -1, 0)}), said: "declines -1, want 0"},
	{entry: bytesOf([]any{append(plain(900), 0, 0, -1)}), said: "time of the first decline -1, want 0"},
	{entry: bytesOf([]any{append(plain(900), 0, 0, 0, 0, -1)}), said: "time of being unique -1, want 0"},
	{entry: bytesOf([]any{append(plain(900), 0, 0, 0, 0, int64(1)<<60)}), said: "time of being unique 1152921504606846976, want 0 to 31622400000000000"},
	{entry: bytesOf([]any{spoiled(7, uint64(1)<<63)}), said: "an integer that does not fit"},
	{
		entry: bytesOf([]any{plain(1000), spoiled(0, 2), plain(1001), "text", plain(1002)}),
		said:  "newer layout", good: []int{1000, 1001, 1002},
	},
	{
		entry: "\x93" + bytesOf(plain(1003)) + "\xc1" + bytesOf(plain(900)), // where the third begins nobody can tell
		said:  "message 1: the unused code c1", good: []int{1003},
	},
}

// TestHostileEntries puts garbage between events. It becomes dead letters, with its bytes, and
// everything that can be read is handled, in front of it, behind it and beside it.
func TestHostileEntries(t *testing.T) {
	t.Parallel()
	for _, order := range []contract.OrderMode{contract.OrderFirstAttempts, contract.OrderKey, contract.OrderStrict} {
		t.Run(fmt.Sprint("Order=", order), func(t *testing.T) {
			r := share(t)
			b := r.open()
			in := sub("in", &Step{})
			in.Order = order
			r.bind(in)
			var want []int
			n, at := 0, map[string]int{} // where garbage is, by the entry's id
			for i, g := range garbage {
				r.publish(b, steps(n, 2)...)
				want = append(append(want, n, n+1), g.good...)
				n += 2
				at[r.do("XADD", r.key("q:in"), "*", "m", g.entry).(string)] = i
			}
			r.publish(b, steps(n, 2)...)
			want = append(want, n, n+1)

			handled := journal[int]{}
			s := r.spine(b, necro.WithOrgans(newOrgan("in", contract.Policy{Order: order}, on(func(_ context.Context, s *Step, _ func(contract.Event)) error {
				handled.add(s.N)
				return nil
			}))))
			_, err := s.Drain(r.ctx)
			r.ok(err, "drain")
			if got := handled.all(); !slices.Equal(got, want) {
				t.Errorf("handled %v, want %v", got, want)
			}
			same(r, "entries", r.len("q:in"), 0)
			r.wantLetters(b, at)
			r.drainsStill(b, s)
		})
	}
}

// wantLetters wants garbage in the dead letters, with its bytes and with what is wrong with it.
func (r *rig) wantLetters(b *redisstream.Backend, at map[string]int) {
	r.Helper()
	letters, err := b.DeadLetters(r.ctx, "in", contract.ID{}, 1000)
	r.ok(err, "dead letters")
	said := map[int]string{}
	for _, l := range letters {
		entry, _, _ := strings.Cut(strings.TrimPrefix(l.Error, "entry "), ",")
		i, raw := at[entry], string(l.Message.Payload)
		said[i] += l.Error + "\n"
		whole := raw == garbage[i].entry || "\x91"+raw == garbage[i].entry
		if !whole && (garbage[i].good == nil || raw == "" || !strings.Contains(garbage[i].entry, raw)) {
			r.Errorf("the dead letter of %q has the bytes %q", garbage[i].entry, raw)
		}
		if l.Reason != contract.ReasonUndecodable {
			r.Errorf("reason %s, want %s", l.Reason, contract.ReasonUndecodable)
		}
	}
	for i, g := range garbage {
		if !strings.Contains(said[i], g.said) {
			r.Errorf("the dead letter of %.50q says %q, want %q", g.entry, said[i], g.said)
		}
	}
}

// drainsStill wants the books to be right after all that: an event that is stored counts.
func (r *rig) drainsStill(b *redisstream.Backend, s *necro.Spine) {
	r.Helper()
	for range 5 {
		r.publish(b, steps(5000, 1)...)
	}
	same(r, "ready", r.health(b, "in").Ready, 5)
	_, err := s.Drain(r.ctx)
	r.ok(err, "drain")
	same(r, "left by a drain", r.len("q:in"), 0)
}

// TestRedriveOfGarbageHarmsNobody redrives garbage together with a dead letter that can be read.
func TestRedriveOfGarbageHarmsNobody(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("in", &Step{}))[0]
	r.do("XADD", r.key("q:in"), "*", "m", "hello")
	r.publish(b, steps(0, 2)...)
	for _, d := range c.take(2) {
		c.settle(bury(d))
	}
	letters, err := b.DeadLetters(r.ctx, "in", contract.ID{}, 10)
	r.ok(err, "dead letters")
	var ids []contract.ID
	for _, l := range letters {
		ids = append(ids, l.ID)
	}
	moved, err := b.Redrive(r.ctx, "in", ids...)
	r.ok(err, "redrive")
	same(r, "redriven", moved, 3)
	ds := c.take(2)
	r.wants(ds, 0, 1)
	c.ack(ds...)
	r.until("the garbage is dead again", func() bool { return r.health(b, "in").Dead == 1 })
	same(r, "entries", r.len("q:in"), 0)
}

// TestPoisonIsBuriedTogether stores packs of which no message can be read, in front of a good one: few scripts make all their
// dead letters.
func TestPoisonIsBuriedTogether(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	in := sub("in", &Step{})
	r.bind(in)
	const packs, size, most = 3, 64, 20
	for range packs {
		r.do("XADD", r.key("q:in"), "*", "m", bytesOf(slices.Repeat([]any{nil}, size)))
	}
	r.publish(b, steps(7, 1)...)
	before := r.calls()["evalsha"]
	c := r.subscribe(b, in)[0]
	r.wants(c.take(1), 7)
	if scripts := r.calls()["evalsha"] - before; scripts > most {
		r.Errorf("%d scripts for %d messages that cannot be read, want %d at most", scripts, packs*size, most)
	}
	same(r, "dead letters", r.health(b, "in").Dead, packs*size)
}
