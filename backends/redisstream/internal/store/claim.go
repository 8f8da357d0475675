package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var claimScript = loadScript("claim", allowOOM)

// ClaimRequest looks after an organ before it is read on, and takes over entries that no process holds any more.
type ClaimRequest struct {
	Keys  Keys
	Organ string

	Mode     string // of the organ, as the caller knows it
	Consumer string
	Owner    string // the consumer that is to own an exclusive organ, else empty
	Lease    time.Duration
	Order    string        // "strict", "key", or empty where none counts
	Limit    int           // entries
	Asked    int           // messages that are wanted
	Bytes    int           // beyond which nothing is added
	AtOnce   int           // entries to read between two looks at their size
	Recover  bool          // also what this consumer holds and does not know of
	New      bool          // where order counts: also new entries of the queue
	Turning  bool          // a former mode of the organ has left something behind
	Latest   time.Duration // since 1970, the most that the server's clock can show; 0: not known
	Known    []string      // with Recover: fields of part
}

// ClaimReply is the state of the organ, and the entries that were taken over or read.
type ClaimReply struct {
	State     string
	FrontLeft bool   // the front stream may hold more that is unread
	More      bool   // there is more to take over
	Full      bool   // there may be more that is new
	Clock     string // what the server's clock shows, and the count of its steps
	Entries   []ClaimEntry
}

// ClaimEntry is an entry that the consumer holds from now on. Its bytes are those of the reply.
type ClaimEntry struct {
	Stream          int
	Deliveries      int // of the entry so far
	ID, Marks, Pack []byte
	Origin          []byte // front stream: where the message stood before it had to wait
}

// Call returns the keys and arguments as claim.lua reads them.
func (r *ClaimRequest) Call() Call {
	ordered := r.Order != ""
	keys := []string{r.Keys.bindingsKey(), r.Keys.pausesKey(), r.Keys.ofOrganIf(r.Owner != "", "own", r.Organ), r.Keys.ofOrgan("q", r.Organ),
		r.Keys.ofOrgan("part", r.Organ), r.Keys.ofOrganIf(ordered || r.Owner != "", "first", r.Organ),
		r.Keys.ofOrganIf(ordered, "hold", r.Organ), r.Keys.ofOrganIf(ordered, "wait", r.Organ), r.Keys.countersKey(),
		r.Keys.ofOrganIf(r.Turning, "lane", r.Organ)}
	args := []any{r.Mode, r.Organ, r.Consumer, r.Owner, r.Lease.Milliseconds(), r.Order, r.Limit, r.Asked, r.Bytes, r.AtOnce,
		flagOf(r.Recover), flagOf(r.New), flagOf(r.Turning), "", len(r.Known)}
	if r.Latest != 0 {
		args[len(args)-2] = r.Latest.Milliseconds()
	}
	for _, field := range r.Known {
		args = append(args, field)
	}
	return Call{claimScript, keys, args}
}

// ReadReply reads the state and the entries.
func (r *ClaimRequest) ReadReply(reply *resp.Reply) (ClaimReply, error) {
	n := reply.Array()
	var c ClaimReply
	c.State, c.Full = strings.CutSuffix(string(reply.Bulk()), ">")
	c.State, c.More = strings.CutSuffix(c.State, "+")
	c.State, c.FrontLeft = strings.CutSuffix(c.State, "<")
	c.Clock = string(reply.Bulk())
	if reply.Err == nil && (n < 2 || !isClock(c.Clock)) {
		reply.Fail(fmt.Errorf("%w: a claim of %d with %.40q for what the clock shows", resp.ErrShape, n, c.Clock))
	}
	if reply.Err == nil && n > 2 {
		c.Entries = make([]ClaimEntry, 0, n-2)
	}
	for range max(n-2, 0) {
		if reply.ArrayOf(6); reply.Err != nil {
			break
		}
		c.Entries = append(c.Entries, ClaimEntry{Stream: reply.Int(), ID: reply.Bulk(), Deliveries: reply.Int(), Marks: reply.Bulk(),
			Pack: reply.Bulk(), Origin: reply.Bulk()})
		if e := &c.Entries[len(c.Entries)-1]; reply.Err == nil && e.Stream != QueueStream && e.Stream != FrontStream {
			reply.Fail(fmt.Errorf("%w: an entry of stream %d", resp.ErrShape, e.Stream))
		}
	}
	if reply.Err != nil {
		return ClaimReply{}, reply.Err
	}
	return c, nil
}
