package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var modeScript = newScript(allowOOM, readSource("binding"), readSource("mode"))

// ModeRequest gives an organ the mode that a process wants.
type ModeRequest struct {
	Keys Keys

	Digest    string // of the table of bindings that the caller knows
	Organ     string
	Process   string
	Order     string // "strict", "key" or "-"
	Exclusive bool
}

// ModeReply tells whether the organ has the mode.
type ModeReply struct {
	Done bool // else another process keeps the former mode, or a former order has left something behind
}

// Call returns the keys and arguments as mode.lua reads them.
func (r *ModeRequest) Call() Call {
	keys := append([]string{r.Keys.bindingsKey(), r.Keys.livingKey()}, r.Keys.allOfOrgan(r.Organ)...)
	return Call{modeScript, append(keys, r.Keys.countersKey()), []any{r.Digest, r.Organ, r.Process, r.Order, flagOf(r.Exclusive)}}
}

// ReadReply reads whether the organ has the mode.
func (r *ModeRequest) ReadReply(reply *resp.Reply) (ModeReply, error) {
	word, err := readWord(reply, "OK", "WAIT")
	return ModeReply{word == "OK"}, err
}
