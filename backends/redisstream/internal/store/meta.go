package store

import "github.com/necrostack/necrogen/backends/redisstream/internal/resp"

var metaScript = loadScript("meta", allowOOM)

// MetaRequest claims a partition for a layout, unless that was done.
type MetaRequest struct {
	Keys Keys

	Layout     string // version of the layout of keys
	Partitions string // how many the namespace has
	Tags       string // hash tags of the partitions; empty where the layout says them
}

// MetaReply is what the partition was claimed for, by this call or by an earlier one.
type MetaReply struct{ Layout, Partitions, Tags string }

// Call returns the keys and arguments as meta.lua reads them.
func (r *MetaRequest) Call() Call {
	return Call{metaScript, []string{r.Keys.metaKey()}, []any{r.Layout, r.Partitions, r.Tags}}
}

// ReadReply reads what the partition was claimed for.
func (r *MetaRequest) ReadReply(reply *resp.Reply) (MetaReply, error) {
	reply.ArrayOf(3)
	claimed := MetaReply{string(reply.Bulk()), string(reply.Bulk()), string(reply.Bulk())}
	if reply.Err != nil {
		return MetaReply{}, reply.Err
	}
	return claimed, nil
}
