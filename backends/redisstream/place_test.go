package redisstream

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
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

// TestPartitionsAreWhereTheNamespaceSays: tags are used where the meta of partition 0 names them, and a
// namespace without them, of an older release, is found where it is.
func TestPartitionsAreWhereTheNamespaceSays(t *testing.T) {
	server := redistest.Shared(t)
	for tags, want := range map[string]string{"": "0 1", "0 17": "0 17"} {
		namespace := redistest.Namespace(t)
		open := func() *Backend {
			b, err := Open(server.URL(), WithNamespace(namespace), WithPartitions(2))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { b.Close() })
			return b
		}
		b := open()
		meta := []any{"hset", tagPrefix(namespace, 0) + "meta", "partitions", 2, "layout", layout}
		if tags != "" {
			meta = append(meta[:len(meta)-1], spreadLayout, "tags", tags)
		}
		b.partitions[0].SendCommand(t.Context(), meta)
		event := &contract.EventType{Name: "E", Version: 1}
		for i := range 20 {
			m := contract.Message{ID: contract.NewID(), Type: event, Payload: []byte{0x80}, Key: fmt.Sprint(i)}
			if _, err := b.Publish(t.Context(), []contract.Message{m}, contract.PublishOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		parked := 0
		for tag := range strings.FieldsSeq(want) {
			n, _ := strconv.Atoi(tag)
			in := b.partitions[0].SendCommand(t.Context(), []any{"xlen", tagPrefix(namespace, n) + "park:E"}).Int()
			if in == 0 {
				t.Errorf("tags %q: nothing is stored under %d", tags, n)
			}
			parked += in
		}
		if h := open().Health(t.Context()); parked != 20 || len(h.Parked) != 1 || h.Parked[0].Parked != 20 {
			t.Errorf("tags %q: %d events are parked, and another process finds %+v", tags, parked, h.Parked)
		}
	}
}
