package store

import (
	"fmt"
	"strconv"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var renewLanesScript = newScript(allowOOM, readSource("lane"), readSource("renewlanes"))

// RenewLanesRequest renews the lease of a consumer's lanes, writes marks, and gives lanes back.
type RenewLanesRequest struct {
	Keys  Keys
	Organ string

	Consumer string
	Epoch    uint64
	Leave    bool        // all lanes are given back
	Frees    uint64      // the number of this call among those of the epoch that give lanes back
	Free     []int       // lanes that are given back, of which the consumer holds nothing
	Begun    []LaneBegun // with Leave: what a handler may have begun with
	Entries  []LaneMarks
}

// LaneBegun is the last entry of a lane that a handler may have begun with.
type LaneBegun struct {
	Lane   int
	Stream int // QueueStream or FrontStream
	ID     string
}

// LaneMarks are marks of an entry that the consumer holds.
type LaneMarks struct {
	Stream int // QueueStream or FrontStream
	ID     string
	Size   int // messages
	Marks  []LaneMark
}

// LaneMark is the mark that a message gets.
type LaneMark struct {
	Index int
	Mark  string // one character
}

// RenewLanesReply tells whether the lease goes on.
type RenewLanesReply struct {
	Lost   bool // the epoch is over
	Excess int  // lanes to give back
}

// Call returns the keys and arguments as renewlanes.lua reads them.
func (r *RenewLanesRequest) Call() Call {
	var keys []string
	for _, part := range []string{"lane", "bell", "q", "part", "first"} {
		keys = append(keys, r.Keys.ofOrgan(part, r.Organ))
	}
	args := append(appendMarks([]any{r.Consumer, r.Epoch, flagOf(r.Leave), r.Frees}, r.Free), len(r.Begun))
	for _, b := range r.Begun {
		args = append(args, b.Lane, b.Stream, b.ID)
	}
	args = append(args, len(r.Entries))
	for _, e := range r.Entries {
		args = append(args, e.Stream, e.ID, e.Size, len(e.Marks))
		for _, m := range e.Marks {
			args = append(args, m.Index, m.Mark)
		}
	}
	return Call{renewLanesScript, append(keys, r.Keys.countersKey()), args}
}

// ReadReply reads whether the lease goes on.
func (r *RenewLanesRequest) ReadReply(reply *resp.Reply) (RenewLanesReply, error) {
	text, err := readText(reply)
	if err != nil {
		return RenewLanesReply{}, err
	}
	if string(text) == "LOST" {
		return RenewLanesReply{Lost: true}, nil
	}
	excess, err := strconv.Atoi(string(text))
	if err != nil || excess < 0 || len(text) > 4 {
		return RenewLanesReply{}, fmt.Errorf("%w: %.40q for lanes to give back", resp.ErrShape, text)
	}
	return RenewLanesReply{Excess: excess}, nil
}
