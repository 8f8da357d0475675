package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var runNowScript = loadScript("runnow", allowOOM)

// RunNowRequest makes a delayed event due now.
type RunNowRequest struct {
	Keys  Keys
	Event []byte // its id, 16 bytes
}

// RunNowReply tells whether it was in the schedule.
type RunNowReply struct{ Found bool }

// Call returns the keys and arguments as runnow.lua reads them.
func (r *RunNowRequest) Call() Call {
	return Call{runNowScript, []string{r.Keys.countersKey(), r.Keys.laterKey(), r.Keys.laterIDsKey()}, []any{r.Event}}
}

// ReadReply reads whether the event was there.
func (r *RunNowRequest) ReadReply(reply *resp.Reply) (RunNowReply, error) {
	word, err := readWord(reply, "FOUND", "NONE")
	return RunNowReply{word == "FOUND"}, err
}
