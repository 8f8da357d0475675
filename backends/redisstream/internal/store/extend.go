package store

import (
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var extendScript = loadScript("extend", allowOOM)

// ExtendRequest renews the leases of entries, and marks suspects as started and what is given up as that.
type ExtendRequest struct {
	Keys  Keys
	Organ string

	Consumer string
	Owner    string        // the consumer of an exclusive organ, else empty
	Lease    time.Duration // of the ownership
	Entries  []ExtendEntry
}

// ExtendEntry is an entry that the consumer holds, or held.
type ExtendEntry struct {
	Stream int // QueueStream or FrontStream
	ID     string
	Size   int   // messages
	Marks  []int // indexes of suspects that are about to run
	Giving []int // indexes of deliveries that are about to be given up
}

// ExtendReply tells which entries were renewed.
type ExtendReply struct {
	Renewed []byte // '1' or '0' for each entry
}

// Call returns the keys and arguments as extend.lua reads them.
func (r *ExtendRequest) Call() Call {
	front := false
	args := []any{r.Consumer, r.Owner, r.Lease.Milliseconds(), len(r.Entries)}
	for _, e := range r.Entries {
		front = front || e.Stream == FrontStream
		args = appendMarks(appendMarks(append(args, e.Stream, e.ID, e.Size), e.Marks), e.Giving)
	}
	keys := []string{r.Keys.ofOrganIf(r.Owner != "", "own", r.Organ), r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrgan("part", r.Organ),
		r.Keys.ofOrganIf(front, "first", r.Organ)}
	return Call{extendScript, keys, args}
}

// ReadReply reads an answer for each entry of the request.
func (r *ExtendRequest) ReadReply(reply *resp.Reply) (ExtendReply, error) {
	bits, err := readBits(reply, len(r.Entries))
	return ExtendReply{bits}, err
}
