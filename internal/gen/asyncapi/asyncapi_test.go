package asyncapi

import (
	"bytes"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/golden"
)

func written(t *testing.T, dir string) []byte {
	t.Helper()
	loaded, diags, err := source.Load(t.Context(), dir, nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var b bytes.Buffer
	if err := Write(&b, Info{Title: "The shop", Version: "1.0.0"}, graph.New(loaded)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrite(t *testing.T) {
	golden.Equal(t, "testdata/shop.json", written(t, "../draw/testdata/shop"))
}
