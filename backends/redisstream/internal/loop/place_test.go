package loop

import (
	"strconv"
	"strings"
	"testing"
)

// TestPartitionsSpreadOverNodes wants each of several nodes with equal ranges of slots to hold as many
// partitions as the others.
func TestPartitionsSpreadOverNodes(t *testing.T) {
	if slot := slotOf("default", 0); slot != 6591 { // CLUSTER KEYSLOT necro:{default:0}:meta
		t.Fatalf("slot %d", slot)
	}
	for _, namespace := range []string{"default", "shop", "orders-eu"} {
		for _, partitions := range []int{2, 4, 8, 16} {
			for nodes := 2; nodes <= partitions; nodes *= 2 {
				count := map[int]int{}
				for tag := range strings.FieldsSeq(spreadTags(namespace, partitions)) {
					n, _ := strconv.Atoi(tag)
					count[slotOf(namespace, n)*nodes/slots]++
				}
				for node := range nodes {
					if count[node] != partitions/nodes {
						t.Errorf("%s, %d partitions on %d nodes: %v", namespace, partitions, nodes, count)
						break
					}
				}
			}
		}
	}
}
