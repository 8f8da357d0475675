// Package clitest is for tests of command-line programs.
package clitest

import (
	"io"
	"strings"
	"testing"
)

// Outcome is the exit code of a run of a program, and all that it wrote.
type Outcome struct {
	Code           int
	Stdout, Stderr string
}

// Run returns the outcome of a program that returns its exit code.
func Run(program func(stdout, stderr io.Writer) int) Outcome {
	var stdout, stderr strings.Builder
	code := program(&stdout, &stderr)
	return Outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}
}

// Expect holds that a run ended with a code and wrote certain texts. Without a text on stderr
// there must be nothing.
func (o Outcome) Expect(t *testing.T, code int, stdout, stderr []string) {
	t.Helper()
	if o.Code != code {
		t.Errorf("exit code %d, want %d", o.Code, code)
	}
	for _, want := range stdout {
		if !strings.Contains(o.Stdout, want) {
			t.Errorf("stdout lacks %q:\n%s", want, o.Stdout)
		}
	}
	for _, want := range stderr {
		if !strings.Contains(o.Stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, o.Stderr)
		}
	}
	if len(stderr) == 0 && o.Stderr != "" {
		t.Errorf("stderr has %q", o.Stderr)
	}
}
