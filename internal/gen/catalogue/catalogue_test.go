package catalogue

import (
	"bytes"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/golden"
)

func TestWrite(t *testing.T) {
	golden.Equal(t, "testdata/shop.md", pageOf(t, "../draw/testdata/shop"))
}

// TestNested: structs that events hold are on the page, every link leads to a heading of its own, and
// rules about lists bound what a chain can become.
func TestNested(t *testing.T) {
	golden.Equal(t, "testdata/nested.md", pageOf(t, "testdata/nested"))
}

func pageOf(t *testing.T, dir string) []byte {
	t.Helper()
	loaded, diags, err := source.Load(t.Context(), dir, nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var b bytes.Buffer
	if err := Write(&b, "The shop", graph.New(loaded)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
