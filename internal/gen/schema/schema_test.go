package schema

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/golden"
)

// TestEvent describes the event of a package that has one of everything.
func TestEvent(t *testing.T) {
	loaded, diags, err := source.Load(t.Context(), "testdata/shop", nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	builder := NewBuilder("#/definitions/")
	for _, e := range loaded.Packages[0].Events {
		s := builder.Event(e)
		s.Definitions = builder.Definitions
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	golden.Equal(t, "testdata/shop.json", b.Bytes())
}
