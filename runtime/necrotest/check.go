package necrotest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Check fails the test when generated code is missing, stale or orphaned, or when an annotation
// is wrong: it runs "go tool necrogen check" and shows what that prints. Without patterns it
// checks all packages of the module, so one test is enough for a module; patterns are those of
// the go command, as seen from the folder of the test.
//
//	func TestGenerated(t *testing.T) { necrotest.Check(t) }
//
// It needs the tool line in go.mod, which necrogen init writes and
// "go get -tool github.com/necrostack/necrogen/cmd/necrogen" adds.
func Check(t testing.TB, patterns ...string) {
	t.Helper()
	root := moduleRoot(t)
	readFolders(root)
	dir := "."
	if len(patterns) == 0 {
		dir, patterns = root, []string{"./..."}
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"tool", "necrogen", "check"}, patterns...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("necrotest: go tool necrogen check %s: %v\n%s", strings.Join(patterns, " "), err, out)
	}
}

// moduleRoot returns the folder of the go.mod that the test's folder belongs to.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("necrotest: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("necrotest: Check runs where the source is: there is no go.mod here or above")
		}
		dir = parent
	}
}

// readFolders reads every folder of the module, so that go test does not take an old result from its
// cache: it knows what a test has read itself, and nothing of what its children read.
func readFolders(root string) {
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != root && passedOver(d.Name()) {
			return fs.SkipDir
		}
		return nil
	})
}

// passedOver says whether a folder holds no code of the module.
func passedOver(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
		slices.Contains([]string{"testdata", "vendor", "node_modules"}, name)
}
