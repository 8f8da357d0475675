package store

import (
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// A server that is full refuses organs that are bound for the first time; a process may join organs that are
// bound already.
var (
	subscribeScript = newScript("", readSource("binding"), readSource("subscribe"))
	rejoinScript    = newScript(allowOOM, readSource("binding"), readSource("subscribe"))
)

// SubscribeRequest binds all organs of a spine.
type SubscribeRequest struct {
	Keys   Keys
	Rejoin bool // all organs are bound already: a server that is full takes the call, too

	Digest  string        // of the table of bindings that the caller knows
	TTL     time.Duration // for how long the consumers count as alive from now on
	Process string
	Rows    []SubscribeRow
	Events  []SubscribeEvent
	Organs  []SubscribeOrgan
}

// SubscribeRow is a row of the table; one with an empty value is deleted.
type SubscribeRow struct{ Name, Value string }

// SubscribeEvent is an event that some of the organs are bound to.
type SubscribeEvent struct{ Name string }

// SubscribeOrgan is an organ as the process wants it.
type SubscribeOrgan struct {
	ID        string // its identity
	Path      string // import path of its package
	Pack      int    // most messages of an entry
	Order     string // "strict", "key" or "-"
	Exclusive bool
	Member    string // what the process says of itself while it consumes the organ
	Events    []int  // numbers in the list of events, from 1 on
}

// Call returns the keys and arguments as subscribe.lua reads them.
func (r *SubscribeRequest) Call() Call {
	script := subscribeScript
	if r.Rejoin {
		script = rejoinScript
	}
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.pausesKey(), r.Keys.livingKey(), r.Keys.scheduleKey()}
	args := []any{r.Digest, r.TTL.Milliseconds(), r.Process, len(r.Rows)}
	for _, row := range r.Rows {
		args = append(args, row.Name, row.Value)
	}
	args = append(args, len(r.Events))
	for _, e := range r.Events {
		keys, args = append(keys, r.Keys.ofEvent("park", e.Name), r.Keys.ofEvent("took", e.Name)), append(args, e.Name)
	}
	args = append(args, len(r.Organs))
	for _, o := range r.Organs {
		keys = append(keys, r.Keys.allOfOrgan(o.ID)...)
		args = appendMarks(append(args, o.ID, o.Path, o.Pack, o.Order, flagOf(o.Exclusive), o.Member), o.Events)
	}
	return Call{script, keys, args}
}

// ReadReply returns an error unless the organs are bound: [ErrStale] when the bindings have changed.
func (r *SubscribeRequest) ReadReply(reply *resp.Reply) error { return readDone(reply) }
