package store

import (
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var liveScript = loadScript("live", allowOOM)

// LiveRequest says that consumers are alive.
type LiveRequest struct {
	Keys Keys

	TTL     time.Duration // for how long they count as alive from now on
	Members []string      // organ, process, mode and package of each, separated by spaces
}

// Call returns the keys and arguments as live.lua reads them.
func (r *LiveRequest) Call() Call {
	args := []any{r.TTL.Milliseconds(), len(r.Members)}
	for _, member := range r.Members {
		args = append(args, member)
	}
	return Call{liveScript, []string{r.Keys.livingKey(), r.Keys.countersKey()}, args}
}

// ReadReply returns an error unless the members count as alive.
func (r *LiveRequest) ReadReply(reply *resp.Reply) error { return readDone(reply) }
