package directive

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/annotations.md anew")

// TestDocument: docs/annotations.md holds the vocabulary as it is.
func TestDocument(t *testing.T) {
	const file, begin, end = "../../docs/annotations.md",
		"<!-- vocabulary: written by go test ./internal/directive -update -->\n", "<!-- end of vocabulary -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the tables", file)
	}
	want := head + begin + Document() + "\n" + end + tail
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(b) != want {
		t.Errorf("%s is not up to date: go test ./internal/directive -update", file)
	}
}

// TestVocabularyIsWhole: every key says what it does, and has an example that is its own.
func TestVocabularyIsWhole(t *testing.T) {
	for _, k := range keys {
		if k.Does == "" || k.Default == "" || k.Flag != (k.Form == k.Name) || !k.Flag && !strings.HasPrefix(k.Form, k.Name+"=") {
			t.Errorf("%+v", k)
		}
		if k.Fits(Organ) && k.Name != "alias" && k.Option == "" {
			t.Errorf("%s cannot be set at run time", k.Name)
		}
	}
}
