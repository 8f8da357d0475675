package draw

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/golden"
)

func shop(t *testing.T) *graph.Graph {
	t.Helper()
	loaded, diags, err := source.Load(t.Context(), "testdata/shop", nil)
	if diags = append(diags, check.Check(loaded)...); err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	return graph.New(loaded)
}

func TestForms(t *testing.T) {
	g := shop(t)
	for name, write := range map[string]func(io.Writer) error{
		"shop.mermaid":  All(g).Mermaid,
		"shop.dot":      All(g).DOT,
		"shop.svg":      All(g).SVG,
		"shop.json":     All(g).JSON,
		"chain.mermaid": Chain(g, "part-packed").Mermaid,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, filepath.Join("testdata", name), b.Bytes())
	}
	if Chain(g, "NO_SUCH_EVENT") != nil {
		t.Error("there is a chain of an event that does not exist")
	}
}

// TestNames: two names may differ in what an id may not have.
func TestNames(t *testing.T) {
	n := names{}
	if a, b, c := n.pickName("a.b-c"), n.pickName("a-b.c"), n.pickName("a_b_c"); a != "a_b_c" || b != "a_b_c_" || c != "a_b_c__" {
		t.Errorf("got %s, %s, %s", a, b, c)
	}
}
