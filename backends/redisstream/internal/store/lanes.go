package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var lanesScript = newScript(allowOOM, readSource("lane"), readSource("lanes"))

// LanesRequest looks after the lanes of a consumer, and reads on in the streams of its organ.
type LanesRequest struct {
	Keys Keys

	Mode        string // of the organ, as the caller knows it
	Organ       string
	Consumer    string        // that is to own lanes
	Epoch       uint64        // that the caller knows; 0 for none
	Fresh       uint64        // that begins where the other one is over
	Frees       uint64        // calls of the epoch that have given lanes back
	Lease       time.Duration // of the lanes
	Lanes       int           // of the organ
	Latest      time.Duration // since 1970, the most that the server's clock can show; 0: not known
	Share       bool          // the lanes are to be shared anew
	Main, Front string        // the entries that were read last, "0-0" before the first
	Asked       int           // messages that are wanted
	Limit       int           // entries
	Bytes       int           // beyond which nothing is added
	AtOnce      int           // entries to read between two looks at their size
	Told        string        // the last key that was let go of which it knows; empty to begin with the first one
	Loose       []string      // keys that were let go, of lanes of the caller
}

// LanesReply tells which lanes the consumer owns, and has the entries that were read.
type LanesReply struct {
	State       string
	FrontLeft   bool   // the front stream may hold more
	More        bool   // the queue may hold more
	Clock       string // what the server's clock shows, and the count of its steps
	Epoch       uint64
	Shared      bool
	Excess      int          // when Shared: lanes to give back
	Owned       []LaneRow    // when Shared
	Loose       []string     // keys that were let go, of any lanes: the next ones behind Told, at most [MostLoose]
	Main, Front string       // the entries that were read last
	Entries     []ClaimEntry // of which each owner has the messages in its lanes
}

// LaneRow is a lane of the consumer.
type LaneRow struct {
	Number      int
	Main, Front string // the last entries that a consumer which is gone may have begun with
	Goes        bool   // a decline hands it to another consumer, when nothing of it is held
	Stays       bool   // a decline has handed it to this consumer a moment ago
}

// Call returns the keys and arguments as lanes.lua reads them.
func (r *LanesRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.pausesKey()}
	for _, part := range []string{"lane", "bell", "q", "part", "first", "hold", "wait"} {
		keys = append(keys, r.Keys.ofOrgan(part, r.Organ))
	}
	latest := any("")
	if r.Latest != 0 {
		latest = r.Latest.Milliseconds()
	}
	args := []any{r.Mode, r.Organ, r.Consumer, r.Epoch, r.Fresh, r.Frees, r.Lease.Milliseconds(), r.Lanes, latest, flagOf(r.Share), r.Main, r.Front,
		r.Asked, r.Limit, r.Bytes, r.AtOnce, r.Told, len(r.Loose)}
	for _, key := range r.Loose {
		args = append(args, key)
	}
	return Call{lanesScript, append(keys, r.Keys.countersKey()), args}
}

// ReadReply reads the lanes and the entries. In the states "stepped" and "rebound" there are none.
func (r *LanesRequest) ReadReply(reply *resp.Reply) (LanesReply, error) {
	n := reply.Array()
	var l LanesReply
	l.State, l.More = strings.CutSuffix(string(reply.Bulk()), ">")
	l.State, l.FrontLeft = strings.CutSuffix(l.State, "<")
	l.Clock = string(reply.Bulk())
	if reply.Err == nil && (n != 2 && n < lanesHead || !isClock(l.Clock)) {
		reply.Fail(fmt.Errorf("%w: lanes of %d with %.40q for what the clock shows", resp.ErrShape, n, l.Clock))
	}
	if reply.Err == nil && n >= lanesHead {
		l.readHead(reply)
	}
	for range max(n-lanesHead, 0) {
		if reply.ArrayOf(5); reply.Err != nil {
			break
		}
		l.Entries = append(l.Entries, ClaimEntry{Stream: reply.Int(), ID: reply.Bulk(), Deliveries: 1, Marks: reply.Bulk(), Pack: reply.Bulk(), Origin: reply.Bulk()})
		if e := &l.Entries[len(l.Entries)-1]; reply.Err == nil && e.Stream != QueueStream && e.Stream != FrontStream {
			reply.Fail(fmt.Errorf("%w: an entry of stream %d", resp.ErrShape, e.Stream))
		}
	}
	if reply.Err != nil {
		return LanesReply{}, reply.Err
	}
	return l, nil
}

// lanesHead is how many elements a reply has in front of the entries.
const lanesHead = 8

// MostLoose is how many keys that were let go a reply tells of. Where there are as many there may be more.
const MostLoose = 100

// readHead reads what stands between the clock and the entries.
func (l *LanesReply) readHead(reply *resp.Reply) {
	epoch := string(reply.Bulk())
	excess := string(reply.Bulk())
	for range max(reply.Array(), 0) {
		l.Owned = append(l.Owned, readLaneRow(reply))
		if reply.Err != nil {
			return
		}
	}
	for range max(reply.Array(), 0) {
		if l.Loose = append(l.Loose, string(reply.Bulk())); reply.Err != nil {
			return
		}
	}
	l.Main, l.Front = string(reply.Bulk()), string(reply.Bulk())
	var err, failed error
	l.Epoch, err = strconv.ParseUint(epoch, 10, 63)
	if l.Shared = excess != "-"; l.Shared {
		l.Excess, failed = strconv.Atoi(excess)
	}
	if reply.Err == nil && (err != nil || failed != nil || l.Epoch == 0 || l.Excess < 0 || !IsID(l.Main) || !IsID(l.Front)) {
		reply.Fail(fmt.Errorf("%w: epoch %.40q, excess %.40q, read up to %.40q and %.40q", resp.ErrShape, epoch, excess, l.Main, l.Front))
	}
}

// readLaneRow reads a lane and the entries that may have begun in it.
func readLaneRow(reply *resp.Reply) LaneRow {
	text := string(reply.Bulk())
	words := strings.Split(text, " ")
	if len(words) == 4 && IsID(words[1]) && IsID(words[2]) {
		if number, err := strconv.Atoi(words[0]); err == nil && number >= 0 {
			return LaneRow{number, words[1], words[2], words[3] == "goes", words[3] == "stays"}
		}
	}
	if reply.Err == nil {
		reply.Fail(fmt.Errorf("%w: %.40q for a lane", resp.ErrShape, text))
	}
	return LaneRow{}
}

// IsID reports whether a text is the id of an entry.
func IsID(text string) bool {
	millis, seq, both := strings.Cut(text, "-")
	return both && isNumber(millis) && isNumber(seq)
}
