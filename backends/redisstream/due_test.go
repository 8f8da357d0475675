package redisstream

import (
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/redistest"
)

// TestDueIsBoundedInBytes: retries of large events are moved a few at a time, whose bytes cross
// the network twice.
func TestDueIsBoundedInBytes(t *testing.T) {
	b, err := Open(redistest.Shared(t).URL(), WithNamespace(redistest.Namespace(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := b.partitions[0]
	calls, _, err := p.node.clients(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const due, size = 10, maxBytes / 3
	for i := range due {
		member := string(rune('a'+i)) + strings.Repeat("x", size-1)
		if r := p.send(t.Context(), calls, []any{"zadd", p.key("due"), i + 1, member}); r.int() != 1 || r.err != nil {
			t.Fatal(r.err)
		}
	}
	var got []byte
	for range due {
		r := p.run(t.Context(), dueScript, []string{p.key("due"), p.key("sweep")}, maxDue, maxBytes, "", 0)
		n := r.array() - 1
		wait, more := r.int(), len(got)+n < due
		if r.err != nil || n < 1 || n > 3 || more != (wait == 0) {
			t.Fatalf("%d members, wait %d, error %v; have %d", n, wait, r.err, len(got))
		}
		for range n {
			member := r.bulk()
			got = append(got, member[0])
			p.send(t.Context(), calls, []any{"zrem", p.key("due"), member})
		}
		if !more {
			break
		}
	}
	if string(got) != "abcdefghij" {
		t.Errorf("got %s", got)
	}
}
