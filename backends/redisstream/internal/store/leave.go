package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var leaveScript = loadScript("leave", allowOOM)

// LeaveRequest ends a consumer in one organ.
type LeaveRequest struct {
	Keys  Keys
	Organ string
	Front bool // the front stream exists, or an entry of it is among Entries

	Member   string // the process's sign of life; empty while it has other consumers of the organ
	Owner    string // the consumer of an exclusive organ, else empty
	Consumer string // the process's name in the group; empty while other consumers of it use the name
	Entries  []LeaveEntry
}

// LeaveEntry is an entry that the consumer holds and gives up.
type LeaveEntry struct {
	Stream int // QueueStream or FrontStream
	ID     string
}

// Call returns the keys and arguments as leave.lua reads them.
func (r *LeaveRequest) Call() Call {
	keys := []string{r.Keys.livingKey(), r.Keys.ofOrganIf(r.Owner != "", "own", r.Organ), r.Keys.ofOrgan("q", r.Organ),
		r.Keys.ofOrganIf(r.Front, "first", r.Organ)}
	args := []any{r.Member, r.Owner, r.Consumer, len(r.Entries)}
	for _, e := range r.Entries {
		args = append(args, e.Stream, e.ID)
	}
	return Call{leaveScript, keys, args}
}

// ReadReply returns an error unless the consumer has left.
func (r *LeaveRequest) ReadReply(reply *resp.Reply) error { return readDone(reply) }
