//go:build node

package asyncapi

import (
	"bytes"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/node"
)

// TestNodeReadsDocuments: the official parser takes the documents, and would not take everything.
func TestNodeReadsDocuments(t *testing.T) {
	for _, dir := range []string{"../../../examples/orderbook", "../draw/testdata/shop", "../schema/testdata/shop"} {
		if wrong := node.Run(t, "asyncapi.mjs", written(t, dir)); len(wrong) > 0 {
			t.Errorf("%s: %s", dir, wrong)
		}
	}
	broken := bytes.ReplaceAll(written(t, "../draw/testdata/shop"), []byte(`"action": "send"`), []byte(`"action": "shout"`))
	if wrong := node.Run(t, "asyncapi.mjs", broken); len(wrong) == 0 {
		t.Error("the parser takes an action that does not exist")
	}
}
