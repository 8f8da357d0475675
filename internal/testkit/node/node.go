// Package node lets programs under Node judge what Go wrote: other implementations of the same
// format, and Chromium. The programs and their packages are beside this file.
package node

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

const mend = `install Node and the packages of internal/testkit/node: "make node" in the root of the repository`

// Run runs a program of internal/testkit/node, hands it the input, and returns its output. Without Node or its
// packages the test fails.
func Run(t testing.TB, program string, input []byte) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	dir := filepath.Dir(here)
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		t.Fatalf("%v\n%s", err, mend)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("%v\n%s", err, mend)
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join(dir, program))
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, &stderr)
	}
	return out
}
