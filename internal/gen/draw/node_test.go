//go:build node

package draw

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/node"
)

// TestNodeReadsPictures: Mermaid itself reads the pictures, and would not read everything.
func TestNodeReadsPictures(t *testing.T) {
	for _, name := range []string{"shop", "chain"} {
		picture, err := os.ReadFile(filepath.Join("testdata", name+".mermaid"))
		if err != nil {
			t.Fatal(err)
		}
		if wrong := node.Run(t, "mermaid.mjs", picture); len(wrong) > 0 {
			t.Errorf("%s: %s", name, wrong)
		}
		if wrong := node.Run(t, "mermaid.mjs", append(picture, "\tx --\n"...)); len(wrong) == 0 {
			t.Errorf("%s: an arrow without an end passes", name)
		}
	}
}
