package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var oneScript = loadScript("one", "")

// OneRequest stores one message for one organ, as most calls of publishers have it: the server takes half
// the time of a publish call for many.
type OneRequest struct {
	Keys  Keys
	Organ string

	Digest  string // of the table of bindings that the caller knows
	Number  int    // of the call; a repetition has the same, and the next call a larger one
	Renew   bool   // lets the process's token last for two minutes more
	Process string
	Entry   []byte // a pack of one message
}

// Call returns the keys and arguments as one.lua reads them.
func (r *OneRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.tokensKey(), r.Keys.renewalsKey(), r.Keys.ofOrgan("q", r.Organ), r.Keys.countersKey()}
	return Call{oneScript, keys, []any{r.Digest, r.Number, flagOf(r.Renew), r.Process, r.Entry}}
}

// ReadReply returns an error unless the message is stored, by this call or an earlier one.
func (r *OneRequest) ReadReply(reply *resp.Reply) error { return readDone(reply) }
