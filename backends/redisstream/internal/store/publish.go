package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var publishScript = loadScript("publish", "")

// PublishRequest stores messages for the organs that are bound to them.
type PublishRequest struct {
	Keys   Keys
	HasIDs bool // a message has an id of the caller's own
	Timed  int  // messages whose id has a time of its own

	Digest  string // of the table of bindings that the caller knows
	Number  int    // of the call; a repetition has the same, and the next call a larger one
	Renew   bool   // lets the process's token last for two minutes more
	Process string
	Rows    *Rows // with an id each, which is empty where the caller chose none
}

// Call returns the keys and arguments as publish.lua reads them.
func (r *PublishRequest) Call() Call {
	ids := r.Keys.bindingsKey()
	if r.HasIDs {
		ids = r.Keys.idsKey()
	}
	routes := r.Rows.Routes
	keys := routes.appendKeys([]string{r.Keys.bindingsKey(), r.Keys.tokensKey(), r.Keys.renewalsKey(), ids, r.Keys.countersKey()})
	args := routes.appendArgs([]any{r.Digest, r.Number, flagOf(r.Renew), r.Process, r.Timed})
	return Call{publishScript, keys, append(append(args, r.Rows.Number), r.Rows.Args...)}
}

// PublishReply tells which messages were there before.
type PublishReply struct {
	Duplicates []bool // for each row with an id; nil for none
}

// ErrIDsFull is the error of a publish that was refused before its first write, because no more ids can be remembered.
var ErrIDsFull = errors.New("redis: the ids that callers chose are too many")

// ReadReply returns an error unless the messages are stored, by this call or an earlier one.
func (r *PublishRequest) ReadReply(reply *resp.Reply) (PublishReply, error) {
	text, err := readText(reply)
	if err != nil || string(text) == "OK" {
		return PublishReply{}, err
	}
	if string(text) == "IDSFULL" {
		return PublishReply{}, ErrIDsFull
	}
	if len(text) != r.Rows.IDs || len(bytes.Trim(text, "01")) > 0 {
		return PublishReply{}, fmt.Errorf("%w: %.40q for %d messages with an id", resp.ErrShape, text, r.Rows.IDs)
	}
	duplicates := make([]bool, len(text))
	for i, bit := range text {
		duplicates[i] = bit == '1'
	}
	return PublishReply{duplicates}, nil
}
