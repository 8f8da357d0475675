package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var sweepScript = loadScript("sweep", allowOOM)

// SweepRequest does what the process that sweeps does beside the schedule.
type SweepRequest struct {
	Keys   Keys
	Stream string // key of the stream whose consumers are removed

	Process   string
	Limit     int      // of callers' ids, and of unique events, that are forgotten
	Consumers []string // that have said nothing for long
}

// SweepReply tells who sweeps.
type SweepReply struct {
	Sweeps bool // the process is the one, and the sweep was done
}

// Call returns the keys and arguments as sweep.lua reads them.
func (r *SweepRequest) Call() Call {
	args := []any{r.Process, r.Limit, len(r.Consumers)}
	for _, name := range r.Consumers {
		args = append(args, name)
	}
	return Call{sweepScript, []string{r.Keys.countersKey(), r.Keys.idsKey(), r.Keys.uniquesOf()[0], r.Keys.uniquesOf()[1], r.Stream}, args}
}

// ReadReply reads whether the process sweeps.
func (r *SweepRequest) ReadReply(reply *resp.Reply) (SweepReply, error) {
	word, err := readWord(reply, "SWEEPS", "OK")
	return SweepReply{word == "SWEEPS"}, err
}
