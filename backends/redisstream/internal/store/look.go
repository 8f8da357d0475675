package store

import (
	"fmt"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var lookScript = loadScript("look", allowOOM)

// LookRequest looks at organs that a process waits for.
type LookRequest struct {
	Keys Keys

	Digest   string // of the table of bindings that the caller knows
	Consumer string
	Organs   []LookOrgan
}

// LookOrgan is an organ that the process waits for.
type LookOrgan struct {
	Name  string
	Owner string // the consumer that is to own an exclusive organ, else empty
	Lease time.Duration
	Order string // "strict", "key", or empty where none counts
}

// LookReply tells the state of each organ.
type LookReply struct {
	States []string // of each organ; with a '+' when claim has work
	Clock  string   // what the server's clock shows, and the count of its steps
}

// Call returns the keys and arguments as look.lua reads them.
func (r *LookRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.pausesKey(), r.Keys.countersKey()}
	args := []any{r.Digest, r.Consumer, len(r.Organs)}
	for _, o := range r.Organs {
		ordered := o.Order != ""
		keys = append(keys, r.Keys.ofOrganIf(o.Owner != "", "own", o.Name), r.Keys.ofOrgan("q", o.Name),
			r.Keys.ofOrganIf(ordered, "first", o.Name), r.Keys.ofOrganIf(ordered, "hold", o.Name), r.Keys.ofOrganIf(ordered, "wait", o.Name))
		args = append(args, o.Name, o.Owner, o.Lease.Milliseconds(), o.Order)
	}
	return Call{lookScript, keys, args}
}

// ReadReply reads a state for each organ of the request. It returns [ErrStale] when the bindings have
// changed, and with them perhaps the order of an organ.
func (r *LookRequest) ReadReply(reply *resp.Reply) (LookReply, error) {
	if IsStale(reply) {
		return LookReply{}, ErrStale
	}
	list := reply.Strings()
	if n := len(r.Organs); reply.Err == nil && (len(list) != n+1 || !isClock(list[n])) {
		reply.Fail(fmt.Errorf("%w: %.40q for the states of %d organs and the clock", resp.ErrShape, list, n))
	}
	if reply.Err != nil {
		return LookReply{}, reply.Err
	}
	return LookReply{list[:len(r.Organs)], list[len(r.Organs)]}, nil
}
