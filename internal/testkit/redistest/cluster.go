package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Cluster is three primaries without replicas, each with a third of the slots.
type Cluster struct {
	Nodes []*Server
}

// clusterNodes is how many nodes a cluster has.
const clusterNodes = 3

// StartCluster starts the nodes, and returns when each of them sees all slots served; this
// takes some seconds. The options are those of Start.
func StartCluster(tb testing.TB, options ...string) *Cluster {
	tb.Helper()
	c, err := LaunchCluster(tb.TempDir(), options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// LaunchCluster is StartCluster for programs. Each node works in a folder that it makes in dir, which exists; the caller
// closes the cluster.
func LaunchCluster(dir string, options ...string) (*Cluster, error) {
	c := &Cluster{}
	if err := c.launchNodes(dir, append([]string{"--cluster-enabled", "yes"}, options...)); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// launchNodes starts the nodes, and waits until they know each other.
func (c *Cluster) launchNodes(dir string, options []string) error {
	for i := range clusterNodes {
		folder := filepath.Join(dir, fmt.Sprint("node", i))
		if err := os.Mkdir(folder, 0o777); err != nil {
			return err
		}
		node, err := Launch(folder, options...)
		if err != nil {
			return err
		}
		c.Nodes = append(c.Nodes, node)
		if err := c.joinNode(i); err != nil {
			return err
		}
	}
	for _, node := range c.Nodes {
		if err := awaitTexts(node, "CLUSTER INFO", "cluster_state:ok", fmt.Sprintf("cluster_size:%d", clusterNodes)); err != nil {
			return err
		}
	}
	return nil
}

// joinNode gives a node its slots, and has it meet the first one.
func (c *Cluster) joinNode(i int) error {
	const slots = 16384
	for _, command := range []string{
		fmt.Sprintf("CLUSTER SET-CONFIG-EPOCH %d", i+1),
		fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*slots/clusterNodes, (i+1)*slots/clusterNodes-1),
		"CLUSTER MEET 127.0.0.1 " + c.Nodes[0].portText(),
	} {
		if err := sendCommand(c.Nodes[i], command); err != nil {
			return err
		}
	}
	return nil
}

// Close kills the nodes for good.
func (c *Cluster) Close() {
	for _, node := range c.Nodes {
		node.Close()
	}
}

// Addrs returns the addresses of the nodes.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr())
	}
	return addrs
}
