package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var publishScript = newScript("", readSource("unique"), readSource("publish"))

// PublishRequest stores messages for the organs that are bound to them.
type PublishRequest struct {
	Keys   Keys
	HasIDs bool // a message has an id of the caller's own
	Unique bool // a message is unique
	Timed  int  // messages whose id has a time of its own

	Digest  string // of the table of bindings that the caller knows
	Number  int    // of the call; a repetition has the same, and the next call a larger one
	Renew   bool   // lets the process's token last for two minutes more
	Process string
	Rows    *Rows // with an id each, which is empty where the caller chose none, and the message is not unique
}

// Call returns the keys and arguments as publish.lua reads them.
func (r *PublishRequest) Call() Call {
	ids := r.Keys.bindingsKey()
	if r.HasIDs {
		ids = r.Keys.idsKey()
	}
	routes := r.Rows.Routes
	keys := routes.appendKeys([]string{r.Keys.bindingsKey(), r.Keys.tokensKey(), r.Keys.renewalsKey(), ids, r.Keys.countersKey()})
	if r.Unique {
		keys = append(keys, r.Keys.uniquesOf()...)
	}
	args := routes.appendArgs([]any{r.Digest, r.Number, flagOf(r.Renew), r.Process, r.Timed})
	return Call{publishScript, keys, append(append(args, r.Rows.Number), r.Rows.Args...)}
}

// PublishReply tells which messages were there before.
type PublishReply struct {
	// Duplicates are what is stored in the place of each row with an id; nil where all were stored.
	Duplicates []PublishDuplicate
}

// PublishDuplicate says whether a message is a duplicate, and where it is unique, of which event.
type PublishDuplicate struct {
	Is bool
	Of [16]byte // the zero id: of one with its own
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
	duplicates, ok := readDuplicates(text, r.Rows.IDs)
	if !ok {
		return PublishReply{}, fmt.Errorf("%w: %.40q for %d messages with an id", resp.ErrShape, text, r.Rows.IDs)
	}
	return PublishReply{duplicates}, nil
}

// readDuplicates reads a letter for each of n rows, and the ids in hex that stand behind them.
func readDuplicates(text []byte, n int) (duplicates []PublishDuplicate, ok bool) {
	if n == 0 || len(text) < n {
		return nil, false
	}
	letters, ids := text[:n], text[n:]
	if len(bytes.Trim(letters, "012")) > 0 || len(ids) != 32*bytes.Count(letters, []byte("2")) {
		return nil, false
	}
	duplicates = make([]PublishDuplicate, n)
	for i, letter := range letters {
		duplicates[i].Is = letter != '0'
		if letter != '2' {
			continue
		}
		if _, err := hex.Decode(duplicates[i].Of[:], ids[:32]); err != nil {
			return nil, false
		}
		ids = ids[32:]
	}
	return duplicates, true
}
