package store

import (
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var promoteScript = newScript(allowOOM, readSource("unique"), readSource("promote"))

// PromoteRequest moves due deliveries to the streams of their organs.
type PromoteRequest struct {
	Keys Keys

	Digest       string // of the table of bindings that the caller knows
	Routes       Routes
	Limit, Bytes int // of members of the schedule that are looked at
	Organs       []PromoteOrgan
}

// PromoteOrgan is an organ whose deliveries are moved.
type PromoteOrgan struct {
	Name  string
	Route int // number in Routes, from 1 on
}

// PromoteReply tells when the next delivery is due.
type PromoteReply struct {
	Next time.Duration // until the next member is due; 0: one is now, below 0: there is none
}

// Call returns the keys and arguments as promote.lua reads them.
func (r *PromoteRequest) Call() Call {
	keys := r.Routes.appendKeys([]string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.scheduleKey(), r.Keys.laterKey(), r.Keys.laterIDsKey(),
		r.Keys.uniquesOf()[0], r.Keys.uniquesOf()[1]})
	args := append(r.Routes.appendArgs([]any{r.Digest}), r.Limit, r.Bytes, len(r.Organs))
	for _, o := range r.Organs {
		args = append(args, o.Name, o.Route)
	}
	return Call{promoteScript, keys, args}
}

// ReadReply reads when the next delivery is due. It returns [ErrStale] when the bindings have changed.
func (r *PromoteRequest) ReadReply(reply *resp.Reply) (PromoteReply, error) {
	if IsStale(reply) {
		return PromoteReply{}, ErrStale
	}
	next := readMillis(reply)
	return PromoteReply{next}, reply.Err
}
