package cases

import (
	"fmt"
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
	"golang.org/x/tools/txtar"

	"github.com/necrostack/necrogen/internal/gen/diag"
)

var codePattern = regexp.MustCompile(`\bNC\d{3}\b`)

// told finds a rendered message with its position.
var told = regexp.MustCompile(`(?m)^\S+:\d+:\d+: (NC\d{3}): `)

// caseOfCode returns for each code the first file with a case of it: one that expects the
// message at its exact position, or else a script of the command.
func caseOfCode(t *testing.T) map[diag.Code]string {
	t.Helper()
	found := map[diag.Code]string{}
	add := func(file, code string) {
		if found[diag.Code(code)] == "" {
			found[diag.Code(code)] = file
		}
	}
	for file, archive := range archives(t, "testdata/*.txtar") {
		if f := (&testCase{archive: archive}).section(wantDiagnostics); f != nil {
			for _, m := range told.FindAllSubmatch(f.Data, -1) {
				add("internal/proof/cases/"+file, string(m[1]))
			}
		}
	}
	for file, archive := range archives(t, "../../../cmd/necrogen/testdata/*.txtar") {
		for _, code := range codePattern.FindAllString(string(txtar.Format(archive)), -1) {
			add(strings.TrimPrefix(file, "../../../"), code)
		}
	}
	return found
}

// archives goes through the files of a pattern, sorted, with slashes in their names.
func archives(t *testing.T, pattern string) iter.Seq2[string, *txtar.Archive] {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(string, *txtar.Archive) bool) {
		for _, file := range paths {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !yield(filepath.ToSlash(file), archive) {
				return
			}
		}
	}
}

// TestEveryCodeHasACase wants every code of the catalogue, and no other, in what the cases and
// the scripts of the command expect.
func TestEveryCodeHasACase(t *testing.T) {
	found := caseOfCode(t)
	for _, code := range diag.Codes() {
		entry, _ := diag.Catalogue(code)
		if found[code] == "" {
			t.Errorf("%s (%s) has no case", code, entry.Title)
		}
		if strings.HasPrefix(found[code], "cmd/") && notFromSource[code] == "" {
			t.Errorf("%s (%s) has no case with its position, only %s", code, entry.Title, found[code])
		}
	}
	for code := range found {
		if _, ok := diag.Catalogue(code); !ok {
			t.Errorf("%s stands in a case, but not in the catalogue", code)
		}
	}
}

// TestListOfCodes compares docs/diagnostics.md, of testdata/diagnostics.md and a list of the
// catalogue, with what it must be; -update writes it.
func TestListOfCodes(t *testing.T) {
	const path = "../../../docs/diagnostics.md"
	var b strings.Builder
	b.WriteString(files.Read(t, "testdata/diagnostics.md"))
	b.WriteString("\n| code | title | case |\n| --- | --- | --- |\n")
	found := caseOfCode(t)
	for _, code := range slices.Sorted(slices.Values(diag.Codes())) {
		entry, _ := diag.Catalogue(code)
		name := strings.TrimSuffix(filepath.Base(found[code]), ".txtar")
		fmt.Fprintf(&b, "| [%s](../internal/gen/diag/pages/%s.md) | %s | [%s](../%s) |\n", code, code, entry.Title, name, found[code])
	}
	if *update {
		files.Write(t, path, []byte(b.String()))
	}
	if got := files.Read(t, path); got != b.String() {
		t.Errorf("%s is not up to date: go test ./internal/proof/cases -run TestListOfCodes -update", path)
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

// TestEveryMessageHasAHint looks at what the cases expect: a line with a code, and what is
// indented below it.
func TestEveryMessageHasAHint(t *testing.T) {
	for _, archive := range archives(t, "testdata/*.txtar") {
		f := (&testCase{archive: archive}).section(wantDiagnostics)
		if f == nil {
			continue
		}
		for message := range strings.SplitSeq(strings.ReplaceAll(string(f.Data), "\n\t", "\t"), "\n") {
			code := diag.Code(codePattern.FindString(message))
			if code != "" && !strings.Contains(message, "\thint: ") {
				t.Errorf("no hint: %s", message)
			}
		}
	}
}
