package store

import (
	"fmt"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var rateScript = loadScript("rate", allowOOM) // a server that is full must be worked off

// RateRequest takes tokens of an organ.
type RateRequest struct {
	Keys  Keys
	Organ string

	Count  int           // tokens of a period
	Per    time.Duration // the period
	Wanted int           // at most
}

// RateReply tells how many tokens were taken.
type RateReply struct {
	Taken int
	Wait  time.Duration // without any: until there is one
}

// Call returns the keys and arguments as rate.lua reads them.
func (r *RateRequest) Call() Call {
	return Call{rateScript, []string{r.Keys.ofOrgan("rate", r.Organ)}, []any{r.Count, max(1, r.Per.Milliseconds()), r.Wanted}}
}

// ReadReply reads how many tokens were taken.
func (r *RateRequest) ReadReply(reply *resp.Reply) (RateReply, error) {
	reply.ArrayOf(2)
	taken, wait := string(reply.Bulk()), string(reply.Bulk())
	n, _ := strconv.Atoi(taken)
	if reply.Err == nil && (!isNumber(taken) || !isNumber(wait) || n > r.Wanted) {
		reply.Fail(fmt.Errorf("%w: %.40q tokens of %d, and %.40q", resp.ErrShape, taken, r.Wanted, wait))
	}
	if reply.Err != nil {
		return RateReply{}, reply.Err
	}
	millis, _ := strconv.ParseInt(wait, 10, 64) // isNumber allows no more digits than fit
	return RateReply{n, time.Duration(min(millis, 1<<40)) * time.Millisecond}, nil
}
