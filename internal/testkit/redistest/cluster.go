package redistest

import (
	"fmt"
	"testing"
)

// Cluster is three primaries without replicas, each with a third of the slots.
type Cluster struct {
	Nodes []*Server
}

// StartCluster starts the nodes, and returns when each of them sees all slots served; this
// takes some seconds. The options are those of Start.
func StartCluster(tb testing.TB, options ...string) *Cluster {
	tb.Helper()
	const nodes, slots = 3, 16384
	options = append([]string{"--cluster-enabled", "yes"}, options...)
	c := &Cluster{}
	for i := range nodes {
		node := Start(tb, options...)
		c.Nodes = append(c.Nodes, node)
		mustSend(tb, node, fmt.Sprintf("CLUSTER SET-CONFIG-EPOCH %d", i+1))
		mustSend(tb, node, fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*slots/nodes, (i+1)*slots/nodes-1))
		mustSend(tb, node, "CLUSTER MEET 127.0.0.1 "+c.Nodes[0].portText())
	}
	for _, node := range c.Nodes {
		awaitReply(tb, node, "CLUSTER INFO", "cluster_state:ok", fmt.Sprintf("cluster_size:%d", nodes))
	}
	return c
}

// Addrs returns the addresses of the nodes.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr())
	}
	return addrs
}
