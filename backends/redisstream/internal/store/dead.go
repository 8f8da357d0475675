package store

import (
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

// A server that is full refuses to redrive, and does not refuse to discard.
var (
	redriveScript = loadScript("dead", "")
	discardScript = loadScript("dead", allowOOM)
)

// DeadRequest redrives dead letters, or discards them.
type DeadRequest struct {
	Keys    Keys
	Redrive bool // else the letters are discarded

	Digest  string // of the table of bindings that the caller knows
	Routes  Routes // one to the organ's queue, to redrive; none to discard
	Organ   string
	Letters [][16]byte // delivery ids
	Edited  []byte     // the message that is stored in the place of the first letter, to redrive one; nil for the letter itself
}

// DeadReply counts the letters that the step has taken out.
type DeadReply struct {
	Moved int // letters that are dead no more
}

// Call returns the keys and arguments as dead.lua reads them.
func (r *DeadRequest) Call() Call {
	script := discardScript
	if r.Redrive {
		script = redriveScript
	}
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.pausesKey(), r.Keys.ofOrgan("dead", r.Organ),
		r.Keys.ofOrgan("deadid", r.Organ), r.Keys.ofOrgan("gone", r.Organ), r.Keys.ofOrgan("before", r.Organ)}
	args := append(r.Routes.appendArgs([]any{r.Digest}), r.Organ, len(r.Letters))
	for i := range r.Letters {
		args = append(args, r.Letters[i][:])
	}
	args = append(args, r.Edited)
	return Call{script, r.Routes.appendKeys(keys), args}
}

// ReadReply reads how many letters went. It returns [ErrStale] when the bindings have changed.
func (r *DeadRequest) ReadReply(reply *resp.Reply) (DeadReply, error) {
	if IsStale(reply) {
		return DeadReply{}, ErrStale
	}
	n := reply.Int()
	if reply.Err == nil && n < 0 {
		reply.Fail(fmt.Errorf("%w: %d letters", resp.ErrShape, n))
	}
	if reply.Err != nil {
		return DeadReply{}, reply.Err
	}
	return DeadReply{n}, nil
}
