package store

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var scheduledScript = loadScript("scheduled", allowOOM+",no-writes") // also on a replica

// ScheduledRequest lists delayed events behind a place.
type ScheduledRequest struct {
	Keys Keys

	Time         string // of the place, in milliseconds of the partition as Redis writes a score
	Member       string // at that time; empty is in front of all
	Whole        bool   // the place is behind all members of that time
	Limit, Bytes int    // of a page
}

// ScheduledReply lists delayed events.
type ScheduledReply struct {
	Behind time.Duration // what the server's clock is behind that of the partition
	More   bool          // there may be more events
	Events []ScheduledRow
}

// ScheduledRow is a delayed event as it is stored.
type ScheduledRow struct {
	Time   float64 // milliseconds of the partition
	Member string
	Kept   string // the value under its id; empty without one
}

// Call returns the keys and arguments as scheduled.lua reads them.
func (r *ScheduledRequest) Call() Call {
	return Call{scheduledScript, []string{r.Keys.countersKey(), r.Keys.laterKey(), r.Keys.laterIDsKey()}, []any{r.Time, r.Member, flagOf(r.Whole), r.Limit, r.Bytes}}
}

// ReadReply reads the events.
func (r *ScheduledRequest) ReadReply(reply *resp.Reply) (ScheduledReply, error) {
	reply.ArrayOf(3)
	list := ScheduledReply{Behind: readMillis(reply), More: reply.Int() != 0}
	for range max(reply.Array(), 0) {
		reply.ArrayOf(3)
		text := string(reply.Bulk())
		row := ScheduledRow{Member: string(reply.Bulk()), Kept: string(reply.Bulk())}
		var err error
		if row.Time, err = strconv.ParseFloat(text, 64); reply.Err == nil && (err != nil || math.IsNaN(row.Time)) {
			reply.Fail(fmt.Errorf("%w: %.40q for a time", resp.ErrShape, text))
		}
		if reply.Err != nil {
			return ScheduledReply{}, reply.Err
		}
		list.Events = append(list.Events, row)
	}
	if reply.Err == nil && list.More && len(list.Events) == 0 {
		reply.Fail(fmt.Errorf("%w: no events, and there are more", resp.ErrShape))
	}
	if reply.Err != nil {
		return ScheduledReply{}, reply.Err
	}
	return list, nil
}
