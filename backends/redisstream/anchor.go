package redisstream

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// While the slot of a partition is being moved to another node of a cluster, Redis runs a script on
// the node that has all of its keys, and nowhere when one of them does not exist. So over a cluster the
// keys that scripts name exist always: an anchor in them stands for nothing, and keeps Redis from
// deleting what is empty. Where a mode has no use for a key, scripts are given the table of bindings in
// its place (see needs).

// anchors collects keys and their kinds.
type anchors struct {
	keys  []string
	kinds []any
}

func (a *anchors) add(kind string, keys ...string) {
	for _, key := range keys {
		a.keys, a.kinds = append(a.keys, key), append(a.kinds, kind)
	}
}

// anchor sees to it that the keys of the partition, and of organs, exist. While the slot is being moved
// it cannot; whoever opens the partition next does so.
func (p *partition) anchor(ctx context.Context, queues []*queue) error {
	if _, ok := p.b.client.(*redis.ClusterClient); !ok {
		return nil
	}
	a := &anchors{}
	a.add("hash", p.key("bind"), p.key("n"), p.key("pause"), p.key("tok"))
	a.add("times", p.key("due"), p.key("tok:seen"), p.key("tok:ids"))
	a.add("live", p.key("live"))
	for _, q := range queues {
		a.add("hash", q.key("part"), q.key("deadid"), q.key("hold"))
		a.add("stream", q.key("dead"))
		a.add("lex", q.key("wait"))
		for _, e := range q.sub.Emits {
			if !e.Output {
				a.add("stream", p.key("park:"+e.Name))
			}
		}
	}
	r := p.run(ctx, anchorScript, a.keys, a.kinds...)
	if r.Bulk(); isMoving(r.Err) {
		return nil
	}
	return r.Err
}

// needs returns the key of an organ when a call needs it, and else one that is there always.
func (q *queue) needs(needed bool, name string) string {
	if needed {
		return q.key(name)
	}
	return q.p.key("bind")
}

// fronts reports whether the front stream may hold something in this mode. Ownership of an organ is
// taken only when nobody holds anything there.
func (m mode) fronts() bool { return m.order != "-" || m.exclusive }
