package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/necrostack/necrogen/internal/load"
)

var update = flag.Bool("update", false, "rewrite what is expected")

// TestEvent describes the event of a package that has one of everything.
func TestEvent(t *testing.T) {
	loaded, diags, err := load.Load(t.Context(), "testdata/shop", nil)
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
	const golden = "testdata/shop.json"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.Bytes(), want)
	}
}
