package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var releaseScript = loadScript("release", allowOOM)

// ReleaseRequest hands entries back, and takes the marks of started suspects away.
type ReleaseRequest struct {
	Keys  Keys
	Organ string

	Consumer string
	Entries  []ReleaseEntry
}

// ReleaseEntry is an entry that the consumer holds.
type ReleaseEntry struct {
	Stream int // QueueStream or FrontStream
	ID     string
	Whole  bool  // no handler works on the entry any more: it goes back
	Marks  []int // indexes of suspects that were marked as started and did not run
}

// Call returns the keys and arguments as release.lua reads them.
func (r *ReleaseRequest) Call() Call {
	front := false
	args := []any{r.Consumer, len(r.Entries)}
	for _, e := range r.Entries {
		front = front || e.Stream == FrontStream
		args = appendMarks(append(args, e.Stream, e.ID, flagOf(e.Whole)), e.Marks)
	}
	keys := []string{r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrgan("part", r.Organ), r.Keys.ofOrganIf(front, "first", r.Organ)}
	return Call{releaseScript, keys, args}
}

// ReadReply returns an error unless the entries were handed back.
func (r *ReleaseRequest) ReadReply(reply *resp.Reply) error { return readDone(reply) }
