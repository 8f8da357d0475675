package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// A server that is full refuses ticks, and does not refuse to tell how far a schedule is.
var (
	askEveryScript  = loadScript("every", allowOOM)
	fireEveryScript = loadScript("every", "")
)

// EveryRequest asks how far a schedule has fired, or fires it.
type EveryRequest struct {
	Keys Keys

	Digest    string // of the table of bindings that the caller knows
	Schedule  string
	Wants     string        // what the caller's release says of the schedule
	Alive     time.Duration // how long the caller counts as alive
	Bound     string        // what the ticks were computed by
	After, Up int64         // milliseconds since 1970: where the schedule is, and where it goes; Up is 0 to ask
	Rows      *Rows         // the ticks; without ids
}

// EveryReply tells how far the schedule is.
type EveryReply struct {
	FiredUpTo, Now int64 // milliseconds since 1970
	Fired          bool  // by this call
	Bound          string
}

// Call returns the keys and arguments as every.lua reads them.
func (r *EveryRequest) Call() Call {
	script := askEveryScript
	if r.Up > 0 {
		script = fireEveryScript
	}
	routes := r.Rows.Routes
	keys := routes.appendKeys([]string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.everyKey()})
	args := append(routes.appendArgs([]any{r.Digest}), r.Schedule, r.Wants, r.Alive.Milliseconds(), r.Bound, r.After, r.Up, r.Rows.Number)
	return Call{script, keys, append(args, r.Rows.Args...)}
}

// ReadReply reads how far the schedule is. It returns [ErrStale] when the bindings have changed.
func (r *EveryRequest) ReadReply(reply *resp.Reply) (EveryReply, error) {
	if IsStale(reply) {
		return EveryReply{}, ErrStale
	}
	reply.ArrayOf(4)
	fired, now, moved, bound := string(reply.Bulk()), string(reply.Bulk()), string(reply.Bulk()), string(reply.Bulk())
	if reply.Err == nil && (!isNumber(fired) || !isNumber(now) || moved != flagOf(moved == "1")) {
		reply.Fail(fmt.Errorf("%w: a schedule at %.40q of %.40q", resp.ErrShape, fired, now))
	}
	if reply.Err != nil {
		return EveryReply{}, reply.Err
	}
	found := EveryReply{Fired: moved == "1", Bound: bound}
	found.FiredUpTo, _ = strconv.ParseInt(fired, 10, 64) // isNumber allows no more digits than fit
	found.Now, _ = strconv.ParseInt(now, 10, 64)
	return found, nil
}

// EveryRecord is what the hash every keeps of a schedule. Times are in milliseconds since 1970.
type EveryRecord struct {
	FiredUpTo, Until, Named int64
	Bound                   string
}

// ReadEvery reads a field of the hash every. It reports false for what no script has written.
func ReadEvery(text string) (r EveryRecord, ok bool) {
	words := strings.SplitN(text, " ", 4)
	if len(words) != 4 {
		return EveryRecord{}, false
	}
	for i, at := range []*int64{&r.FiredUpTo, &r.Until, &r.Named} {
		if !isNumber(words[i]) {
			return EveryRecord{}, false
		}
		*at, _ = strconv.ParseInt(words[i], 10, 64)
	}
	r.Bound = words[3]
	return r, true
}
