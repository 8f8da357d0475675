package store

import (
	"fmt"
	"math"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var dueScript = loadScript("due", allowOOM)

// DueRequest asks which organs have something due.
type DueRequest struct {
	Keys Keys

	Limit, Bytes int           // of members of the schedule that are looked at
	Sweeper      string        // the process, when it asks for deliveries that others have left; else empty
	Lease        time.Duration // for which it is then the one that sweeps
}

// DueReply lists due deliveries.
type DueReply struct {
	Next   time.Duration // until the next member is due; 0: one is now, below 0: there is none
	Organs []string      // with something due, and "!" with the names of delayed events that are
}

// Call returns the keys and arguments as due.lua reads them.
func (r *DueRequest) Call() Call {
	return Call{dueScript, []string{r.Keys.scheduleKey(), r.Keys.laterKey(), r.Keys.countersKey()}, []any{r.Limit, r.Bytes, r.Sweeper, r.Lease.Milliseconds()}}
}

// ReadReply reads the due deliveries.
func (r *DueRequest) ReadReply(reply *resp.Reply) (DueReply, error) {
	n := reply.Array()
	if reply.Err == nil && n < 1 {
		reply.Fail(fmt.Errorf("%w: an array of %d, want one at least", resp.ErrShape, n))
	}
	due := DueReply{Next: readMillis(reply)}
	for range max(n-1, 0) {
		due.Organs = append(due.Organs, string(reply.Bulk()))
	}
	if reply.Err != nil {
		return DueReply{}, reply.Err
	}
	return due, nil
}

// readMillis reads a number of milliseconds, as far as a duration holds them.
func readMillis(reply *resp.Reply) time.Duration {
	const most = math.MaxInt64 / int64(time.Millisecond)
	return time.Duration(min(max(int64(reply.Int()), -1), most)) * time.Millisecond
}
