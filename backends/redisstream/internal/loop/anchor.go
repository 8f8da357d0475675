package loop

import (
	"context"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

// While the slot of a partition is being moved to another node of a cluster, Redis runs a script on the node
// that has all of its keys, and nowhere when one of them does not exist. So over a cluster the keys that scripts
// name exist always: an anchor in them stands for nothing, and keeps Redis from deleting an empty key. Where a
// mode has no use for a key, scripts are given the table of bindings in its place (see store.Keys).

// anchorKeys sees to it that the keys of the partition, and of organs, exist. While the slot is being moved it cannot, and
// that is no error; the process that opens the partition next does so. On a single server no slot moves, and there are no
// anchors.
func (p *Partition) anchorKeys(ctx context.Context, queues []*queue) error {
	if !p.process.servers.IsCluster() {
		return nil
	}
	request := store.AnchorRequest{}
	request.AddPartition(p.Keys())
	for _, q := range queues {
		request.AddOrgan(p.Keys(), q.organ)
		if q.sub.State {
			request.AddStates(p.Keys(), q.organ)
		}
		for _, e := range q.sub.Emits {
			if !e.Output {
				request.AddPark(p.Keys(), e.Name)
			}
		}
	}
	if err := request.ReadReply(p.RunCall(ctx, request.Call())); !conn.IsMoving(err) {
		return err
	}
	return nil
}
