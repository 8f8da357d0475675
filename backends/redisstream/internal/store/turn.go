package store

import (
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var turnScript = newScript(allowOOM, readSource("lane"), readSource("turn"))

// TurnRequest moves a page of what a former order of an organ has left behind.
type TurnRequest struct {
	Keys  Keys
	Organ string

	Consumer        string
	Lease           time.Duration // after which an entry of the front stream is free
	Messages, Bytes int           // at most, in this page
}

// TurnReply tells whether messages are left.
type TurnReply struct {
	Done bool // nothing is left
	Held bool // all that is left is held by processes
}

// Call returns the keys and arguments as turn.lua reads them.
func (r *TurnRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.ofOrgan("q", r.Organ), r.Keys.ofOrgan("part", r.Organ), r.Keys.ofOrgan("first", r.Organ),
		r.Keys.ofOrgan("wait", r.Organ), r.Keys.ofOrgan("lane", r.Organ), r.Keys.ofOrgan("bell", r.Organ), r.Keys.countersKey()}
	return Call{turnScript, keys, []any{r.Organ, r.Consumer, r.Lease.Milliseconds(), r.Messages, r.Bytes}}
}

// ReadReply reads whether messages are left; with neither Done nor Held there is another page.
func (r *TurnRequest) ReadReply(reply *resp.Reply) (TurnReply, error) {
	word, err := readWord(reply, "DONE", "HELD", "MORE")
	return TurnReply{Done: word == "DONE", Held: word == "HELD"}, err
}
