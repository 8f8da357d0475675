package store

import (
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var loadStatesScript = newScript(allowOOM, readSource("record"), readSource("load"))

// LoadRequest reads the records of some keys of an organ with state.
type LoadRequest struct {
	Keys  Keys
	Organ string

	Digest string   // of the table of bindings that the caller knows
	Bytes  int      // of records, behind which the answer ends
	Of     []string // the keys
}

// LoadReply has the records of the first keys, one at least.
type LoadReply struct{ Records []Record }

// Call returns the keys and arguments as load.lua reads them.
func (r *LoadRequest) Call() Call {
	args := []any{r.Digest, r.Bytes, len(r.Of)}
	for _, key := range r.Of {
		args = append(args, key)
	}
	return Call{loadStatesScript, []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.ofOrgan("state", r.Organ)}, args}
}

// ReadReply reads the records.
func (r *LoadRequest) ReadReply(reply *resp.Reply) (LoadReply, error) {
	if IsStale(reply) {
		return LoadReply{}, ErrStale
	}
	n := reply.Array()
	if reply.Err == nil && (n < 1 || n > len(r.Of)) {
		reply.Fail(fmt.Errorf("%w: %d records for %d keys", resp.ErrShape, n, len(r.Of)))
	}
	var found LoadReply
	for i := 0; i < n && reply.Err == nil; i++ {
		var record Record
		if b := reply.Bulk(); len(b) > 0 {
			record = readRecord(b)
		}
		found.Records = append(found.Records, record)
	}
	if reply.Err != nil {
		return LoadReply{}, reply.Err
	}
	return found, nil
}
