// Package diagram holds the picture in an example's README.md to be that of its topology.
package diagram

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/draw"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/source"
)

// Check fails when README.md of the package under test shows another picture than necrogen
// graph draws of it today.
func Check(t *testing.T) {
	t.Helper()
	loaded, diags, err := source.Load(t.Context(), ".", nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var picture bytes.Buffer
	if err := draw.All(graph.New(loaded)).Mermaid(&picture); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "```mermaid\n"+picture.String()+"```\n") {
		t.Errorf("README.md shows another picture than necrogen graph:\n%s", &picture)
	}
}
