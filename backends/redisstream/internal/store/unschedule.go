package store

import (
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var unscheduleScript = loadScript("unschedule", allowOOM)

// UnscheduleRequest deletes a page of the scheduled deliveries of an organ that was removed.
type UnscheduleRequest struct {
	Keys  Keys
	Organ string

	Skip            int  // members of the schedule, from its end
	Messages, Bytes int  // that are looked at, at most
	Final           bool // the last pass, behind which nothing is left
}

// UnscheduleReply tells how to go on.
type UnscheduleReply struct {
	State string // "DONE", "MORE", or "AGAIN" after a pass that did not find all
	Skip  int    // for the next page
}

// Call returns the keys and arguments as unschedule.lua reads them.
func (r *UnscheduleRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.scheduleKey()}
	return Call{unscheduleScript, keys, []any{r.Organ, r.Skip, r.Messages, r.Bytes, flagOf(r.Final)}}
}

// ReadReply reads how to go on.
func (r *UnscheduleRequest) ReadReply(reply *resp.Reply) (UnscheduleReply, error) {
	reply.ArrayOf(2)
	next := UnscheduleReply{string(reply.Bulk()), reply.Int()}
	if reply.Err == nil && (next.Skip < 0 || !slices.Contains([]string{"DONE", "MORE", "AGAIN"}, next.State)) {
		reply.Fail(fmt.Errorf("%w: go on as %.40q behind %d", resp.ErrShape, next.State, next.Skip))
	}
	if reply.Err != nil {
		return UnscheduleReply{}, reply.Err
	}
	return next, nil
}
