package catalogue

import (
	"bytes"
	"testing"

	"github.com/necrostack/necrogen/internal/golden"
	"github.com/necrostack/necrogen/internal/load"
	"github.com/necrostack/necrogen/internal/topology"
)

func TestWrite(t *testing.T) {
	loaded, diags, err := load.Load(t.Context(), "../graph/testdata/shop", nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var b bytes.Buffer
	if err := Write(&b, "The shop", topology.New(loaded)); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/shop.md", b.Bytes())
}
