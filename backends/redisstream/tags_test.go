package redisstream

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// TestPartitionsAreWhereTheNamespaceSays: tags are used where the meta of partition 0 names them, and a
// namespace without them, of an older release, is found where it is.
func TestPartitionsAreWhereTheNamespaceSays(t *testing.T) {
	server := redistest.Shared(t)
	prefix := func(namespace string, tag int) string { return fmt.Sprintf("necro:{%s:%d}:", namespace, tag) }
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
		meta := []any{"hset", prefix(namespace, 0) + "meta", "partitions", 2, "layout", message.Layout}
		if tags != "" {
			meta = append(meta[:len(meta)-1], strconv.Itoa(message.Layout)+"s", "tags", tags)
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
			in := b.partitions[0].SendCommand(t.Context(), []any{"xlen", prefix(namespace, n) + "park:E"}).Int()
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
