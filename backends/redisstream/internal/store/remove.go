package store

import (
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var removeScript = newScript(allowOOM, readSource("binding"), readSource("remove"))

// RemoveRequest forgets an organ that has no consumers.
type RemoveRequest struct {
	Keys Keys

	Digest string // of the table of bindings that the caller knows
	Organ  string
	Rows   []string // of the table that tell of the organ alone
	Events []RemoveEvent
}

// RemoveEvent is an event that the organ is bound to.
type RemoveEvent struct{ Name string }

// RemoveReply tells whether the organ is gone.
type RemoveReply struct {
	Consumers int // that are alive; with any the organ stays
}

// Call returns the keys and arguments as remove.lua reads them.
func (r *RemoveRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.pausesKey(), r.Keys.livingKey()}
	keys = append(append(keys, r.Keys.allOfOrgan(r.Organ)...), r.Keys.statesOf(r.Organ)...)
	args := []any{r.Digest, r.Organ, len(r.Rows)}
	for _, row := range r.Rows {
		args = append(args, row)
	}
	args = append(args, len(r.Events))
	for _, event := range r.Events {
		keys, args = append(keys, r.Keys.ofEvent("park", event.Name), r.Keys.ofEvent("took", event.Name)), append(args, event.Name)
	}
	return Call{removeScript, keys, args}
}

// ReadReply reads whether the organ is gone.
func (r *RemoveRequest) ReadReply(reply *resp.Reply) (RemoveReply, error) {
	if len(reply.Raw) == 0 || reply.Raw[0] != ':' {
		return RemoveReply{}, readDone(reply)
	}
	n := reply.Int()
	if reply.Err == nil && n < 1 {
		reply.Fail(fmt.Errorf("%w: %d consumers keep the organ", resp.ErrShape, n))
	}
	if reply.Err != nil {
		return RemoveReply{}, reply.Err
	}
	return RemoveReply{n}, nil
}
