package rule

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/validation.md anew")

// TestDocument: docs/validation.md holds the table of rules as it is, and names every rule that is
// missing.
func TestDocument(t *testing.T) {
	const file, begin, end = "../../docs/validation.md", "<!-- rules: written by go test ./internal/rule -update -->\n", "<!-- end of rules -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	want := head + begin + Document() + "\n" + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(b) != want {
		t.Errorf("%s is not up to date: go test ./internal/rule -update", file)
	}
	for _, name := range Later {
		if !slices.Contains(strings.FieldsFunc(tail, func(r rune) bool { return strings.ContainsRune(" `,\n.", r) }), name) {
			t.Errorf("%s does not say that %s is missing", file, name)
		}
	}
}
