package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var sameScript = loadScript("same", allowOOM+",no-writes")

// SameRequest compares entries with what a process leased by their ids: another server may have used the
// ids for other entries.
type SameRequest struct {
	Keys  Keys
	Organ string

	Entries []SameEntry
}

// SameEntry is an entry as it was leased.
type SameEntry struct {
	Stream int // QueueStream or FrontStream
	ID     string
	Digest string // SHA-1 of its bytes, in hex
}

// SameReply tells which entries are the same.
type SameReply struct {
	Same []byte // '1' or '0' for each entry
}

// Call returns the keys and arguments as same.lua reads them.
func (r *SameRequest) Call() Call {
	front := false
	args := []any{len(r.Entries)}
	for _, e := range r.Entries {
		front = front || e.Stream == FrontStream
		args = append(args, e.Stream, e.ID, e.Digest)
	}
	return Call{sameScript, []string{r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrganIf(front, "first", r.Organ)}, args}
}

// ReadReply reads an answer for each entry of the request.
func (r *SameRequest) ReadReply(reply *resp.Reply) (SameReply, error) {
	bits, err := readBits(reply, len(r.Entries))
	return SameReply{bits}, err
}
