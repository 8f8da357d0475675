// Package gocommand runs the go command in tests.
package gocommand

import (
	"os/exec"
	"strings"
	"testing"
)

// Run runs the go command in a folder. When it fails the test ends with all that the command printed.
func Run(tb testing.TB, dir string, args ...string) {
	tb.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
