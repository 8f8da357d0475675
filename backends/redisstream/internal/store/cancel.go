package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var cancelScript = loadScript("cancel", allowOOM)

// CancelRequest takes a delayed event out of the schedule.
type CancelRequest struct {
	Keys  Keys
	Event []byte // its id, 16 bytes
}

// CancelReply tells whether it was there.
type CancelReply struct{ Found bool }

// Call returns the keys and arguments as cancel.lua reads them.
func (r *CancelRequest) Call() Call {
	return Call{cancelScript, []string{r.Keys.countersKey(), r.Keys.laterKey(), r.Keys.laterIDsKey(), r.Keys.idsKey(),
		r.Keys.uniquesOf()[0], r.Keys.uniquesOf()[1]}, []any{r.Event}}
}

// ReadReply reads whether the event was there.
func (r *CancelRequest) ReadReply(reply *resp.Reply) (CancelReply, error) {
	word, err := readWord(reply, "FOUND", "NONE")
	return CancelReply{word == "FOUND"}, err
}
