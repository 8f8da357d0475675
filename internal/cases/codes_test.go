package cases

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/necrostack/necrogen/internal/diag"
)

var codePattern = regexp.MustCompile(`\bNC\d{3}\b`)

// TestEveryCodeHasACase looks for each code of the catalogue in what the cases and the scripts
// of the command expect.
func TestEveryCodeHasACase(t *testing.T) {
	seen := map[diag.Code]bool{}
	for _, pattern := range []string{"testdata/*.txtar", "../../cmd/necrogen/testdata/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, code := range codePattern.FindAllString(string(data), -1) {
				seen[diag.Code(code)] = true
			}
		}
	}
	for _, code := range diag.Codes() {
		if entry, _ := diag.Catalogue(code); !seen[code] {
			t.Errorf("%s (%s) has no case", code, entry.Title)
		}
	}
	for code := range seen {
		if _, ok := diag.Catalogue(code); !ok {
			t.Errorf("%s stands in a case, but not in the catalogue", code)
		}
	}
}

// TestCatalogue looks at the texts themselves.
func TestCatalogue(t *testing.T) {
	for _, code := range diag.Codes() {
		entry, _ := diag.Catalogue(code)
		if !codePattern.MatchString(string(code)) || entry.Title == "" || entry.Text == "" {
			t.Errorf("%s: malformed entry %+v", code, entry)
		}
		if strings.HasSuffix(entry.Text, ".") || strings.ToLower(entry.Text[:1]) != entry.Text[:1] {
			t.Errorf("%s: a message is lower case and has no full stop: %q", code, entry.Text)
		}
	}
}

// withoutHint are the codes whose message says all there is to say.
var withoutHint = map[diag.Code]bool{
	diag.TypeError: true, diag.UnknownOption: true, diag.BadTag: true,
	diag.RuleMisfit: true, diag.RuleParam: true, diag.RuleNoParam: true, diag.RuleFieldKind: true, diag.RuleEmpty: true,
}

// TestEveryMessageHasAHint looks at what the cases expect: a line with a code, and what is
// indented below it.
func TestEveryMessageHasAHint(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f := (&testCase{archive: archive}).section(wantDiagnostics)
		if f == nil {
			continue
		}
		for message := range strings.SplitSeq(strings.ReplaceAll(string(f.Data), "\n\t", "\t"), "\n") {
			code := diag.Code(codePattern.FindString(message))
			if code != "" && !withoutHint[code] && !strings.Contains(message, "\thint: ") {
				t.Errorf("no hint: %s", message)
			}
		}
	}
}
