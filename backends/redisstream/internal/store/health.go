package store

import (
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var healthScript = newScript(allowOOM+",no-writes", readSource("lane"), readSource("health")) // also on a replica

// HealthRequest looks at organs of a partition.
type HealthRequest struct {
	Keys Keys

	Limit  int // of held entries that are looked at in each stream
	Organs []HealthOrgan
}

// HealthOrgan is an organ to look at.
type HealthOrgan struct {
	Name  string
	Order string // "strict", "key", or "-": then only the queue is looked at
	Lanes bool   // it has lanes
}

// HealthReply is what the partition has.
type HealthReply struct {
	Digest           string // of the table of bindings
	Counters, Pauses map[string]string
	Breakers         []string      // organs and states by turns
	Overdue          time.Duration // since when something is due; 0 for nothing
	Organs           []OrganState
}

// OrganState is what an organ has.
type OrganState struct {
	Entries, Leased, Dead, Aside int
	Held                         bool // a failed delivery holds back the others
	Oldest, Silent               int  // age of the oldest ready one, silence of the longest held: milliseconds
	Consumers                    int
	More                         bool // more is leased than was looked at
}

// Call returns the keys and arguments as health.lua reads them.
func (r *HealthRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.pausesKey(), r.Keys.livingKey(), r.Keys.scheduleKey(), r.Keys.laterKey()}
	args := []any{r.Limit, len(r.Organs)}
	for _, o := range r.Organs {
		ordered := o.Order != "-"
		keys = append(keys, r.Keys.ofOrgan("q", o.Name), r.Keys.ofOrgan("part", o.Name), r.Keys.ofOrgan("dead", o.Name),
			r.Keys.ofOrganIf(ordered, "first", o.Name), r.Keys.ofOrganIf(ordered, "hold", o.Name), r.Keys.ofOrganIf(ordered, "wait", o.Name), r.Keys.ofOrganIf(o.Lanes, "lane", o.Name))
		args = append(args, o.Name, o.Order, flagOf(o.Lanes))
	}
	return Call{healthScript, keys, args}
}

// ReadReply reads the state of each organ of the request.
func (r *HealthRequest) ReadReply(reply *resp.Reply) (HealthReply, error) {
	reply.ArrayOf(5 + len(r.Organs))
	h := HealthReply{Digest: string(reply.Bulk()), Counters: reply.Pairs(), Pauses: reply.Pairs(), Breakers: reply.Strings(), Overdue: readMillis(reply)}
	for range r.Organs {
		reply.ArrayOf(9)
		h.Organs = append(h.Organs, OrganState{
			Entries: reply.Int(), Leased: reply.Int(), Dead: reply.Int(), Aside: reply.Int(), Held: reply.Int() > 0,
			Oldest: reply.Int(), Silent: reply.Int(), Consumers: reply.Int(), More: reply.Int() > 0,
		})
	}
	if reply.Err != nil {
		return HealthReply{}, reply.Err
	}
	return h, nil
}
