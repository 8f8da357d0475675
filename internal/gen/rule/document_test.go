package rule

import (
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/golden"
)

// TestDocument: docs/validation.md holds the table of rules as it is, and names every rule that is
// missing.
func TestDocument(t *testing.T) {
	const file, begin, end = "../../../docs/validation.md", "<!-- rules: written by go test ./internal/gen/rule -update -->\n", "<!-- end of rules -->"
	tail := golden.Section(t, file, begin, end, Document()+"\n")
	for _, name := range Later {
		if !slices.Contains(strings.FieldsFunc(tail, func(r rune) bool { return strings.ContainsRune(" `,\n.", r) }), name) {
			t.Errorf("%s does not say that %s is missing", file, name)
		}
	}
}
