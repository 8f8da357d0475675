package directive

import (
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/golden"
)

// TestDocument: docs/annotations.md holds the vocabulary as it is.
func TestDocument(t *testing.T) {
	const file, begin, end = "../../../docs/annotations.md",
		"<!-- vocabulary: written by go test ./internal/gen/directive -update -->\n", "<!-- end of vocabulary -->"
	golden.Section(t, file, begin, end, Document()+"\n")
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
