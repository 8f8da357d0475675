package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var sweepStateScript = newScript(allowOOM, readSource("record"), readSource("sweepstate"))

// SweepStateRequest removes some records of an organ with state whose time is over.
type SweepStateRequest struct {
	Keys  Keys
	Organ string

	Process      string // that sweeps
	Limit, Bytes int    // of records that are looked at
}

// SweepStateReply tells whether to go on.
type SweepStateReply struct{ More bool }

// Call returns the keys and arguments as sweepstate.lua reads them.
func (r *SweepStateRequest) Call() Call {
	keys := append([]string{r.Keys.countersKey()}, r.Keys.statesOf(r.Organ)...)
	return Call{sweepStateScript, keys, []any{r.Process, r.Limit, r.Bytes}}
}

// ReadReply reads whether to go on.
func (r *SweepStateRequest) ReadReply(reply *resp.Reply) (SweepStateReply, error) {
	word, err := readWord(reply, "MORE", "OK")
	return SweepStateReply{word == "MORE"}, err
}
