package loop

import (
	"fmt"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// TestDueIsBoundedInBytes: retries of large events are moved a few at a time, and their bytes stay
// on the server.
func TestDueIsBoundedInBytes(t *testing.T) {
	p := openProcess(t, redistest.Shared(t)).Partitions[0]
	const due, size = 10, message.MaxBytes / 3
	for i := range due {
		member := fmt.Sprintf("organ\x00%016d%s", i, strings.Repeat("x", size))
		if r := p.SendCommand(t.Context(), []any{"zadd", p.Key("due"), i + 1, member}); r.Int() != 1 || r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	for left := due; left > 0; {
		request := store.DueRequest{Keys: p.Keys(), Limit: maxDue, Bytes: message.MaxBytes}
		if r := p.RunCall(t.Context(), request.Call()); len(r.Raw) > 100 {
			t.Fatalf("a look at the schedule returned %d bytes", len(r.Raw))
		}
		wait, err := p.MoveDue(t.Context(), []string{"organ"}) // which is not bound: its deliveries go nowhere
		now := p.SendCommand(t.Context(), []any{"zcard", p.Key("due")}).Int()
		if moved := left - now; err != nil || moved < 1 || moved > 3 || now > 0 != (wait == 0) {
			t.Fatalf("%d members moved, wait %d, error %v", moved, wait, err)
		}
		left = now
	}
}
