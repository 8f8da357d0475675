package write

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// TestCarriageReturns: what git checks out on Windows is not stale; when it is for another
// reason, the diff shows only that.
func TestCarriageReturns(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, model.File), model.FirstLine+"\r\n\r\nfunc a() {}\r\n")
	for content, want := range map[string]string{
		"\n\nfunc a() {}\n": "",
		"\n\nfunc b() {}\n": "--- a/necro_gen.go\n+++ b/necro_gen.go\n" +
			"@@ -1,3 +1,3 @@\n " + model.FirstLine + "\n \n-func a() {}\n+func b() {}\n",
	} {
		changes, diags, err := Plan(packageIn(dir), func(*model.Package) ([]byte, error) {
			return []byte(model.FirstLine + content), nil
		})
		if err != nil || len(diags) > 0 {
			t.Fatal(diags, err)
		}
		var diff bytes.Buffer
		for _, c := range changes {
			diff.Write(c.Diff(dir))
		}
		_, got, _ := strings.Cut(diff.String(), "\n") // after "diff a b"
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestLongPaths: no name of ours is too long where the user's is not.
func TestLongPaths(t *testing.T) {
	dir := t.TempDir()
	for range 12 {
		dir = filepath.Join(dir, strings.Repeat("long", 30))
	}
	mkdir(t, dir)
	changes, _, err := Plan(packageIn(dir), emit)
	if err != nil {
		t.Fatal(err)
	}
	if err := Apply(changes); err != nil {
		t.Fatal(err)
	}
	expect(t, dir, map[string]string{model.File: model.FirstLine + "\n"})
}
