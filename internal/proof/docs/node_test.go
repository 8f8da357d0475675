//go:build node

package docs

import (
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/node"
)

// TestNodeReadsPictures lets Mermaid read every picture.
func TestNodeReadsPictures(t *testing.T) {
	var all []string
	for _, b := range blocks(t, (*block).isPicture) {
		all = append(all, b.text)
	}
	t.Parallel()
	if wrong := node.Run(t, "mermaid.mjs", []byte(strings.Join(all, "\f"))); len(wrong) > 0 {
		t.Errorf("a picture is broken: %s", wrong)
	}
}
