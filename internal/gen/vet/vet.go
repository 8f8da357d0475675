// Package vet runs the analyzers over packages, by way of go vet: that knows how packages are found and built,
// and remembers the packages that it has looked at.
package vet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
)

// Run runs a program that go vet -vettool takes over packages, in a folder, and returns the findings. An error
// says that some packages could not be looked at; there may be findings of others.
func Run(ctx context.Context, dir, tool string, patterns []string) ([]diag.Diagnostic, error) {
	out, err := runGoVet(ctx, dir, tool, "-json", patterns)
	ds, readErr := readFindings(out)
	if err == nil {
		err = readErr
	}
	return ds, err
}

// Fix applies the fixes of the findings.
func Fix(ctx context.Context, dir, tool string, patterns []string) error {
	_, err := runGoVet(ctx, dir, tool, "-fix", patterns)
	return err
}

// runGoVet returns the output of go vet. Its error has the text about packages that do not compile.
func runGoVet(ctx context.Context, dir, tool, mode string, patterns []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"vet", "-vettool=" + tool, mode, "--"}, patterns...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	err := cmd.Run()
	if text := strings.TrimSpace(stderr.String()); err != nil && text != "" {
		err = errors.New("go vet:\n" + text)
	} else if err != nil {
		err = fmt.Errorf("go vet: %w", err)
	}
	return stdout.Bytes(), err
}

// finding is a diagnostic as analyzers of x/tools tell it in JSON.
type finding struct {
	Posn    string
	Message string
	Related []struct{ Posn, Message string }
}

// readFindings reads the output of go vet -json: an object for each package, by package and analyzer.
func readFindings(out []byte) (ds []diag.Diagnostic, err error) {
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var packages map[string]map[string]json.RawMessage
		switch err := d.Decode(&packages); {
		case errors.Is(err, io.EOF):
			return ds, nil
		case err != nil:
			return ds, fmt.Errorf("read the output of go vet: %w", err)
		}
		for pkg, analyzers := range packages {
			for name, raw := range analyzers {
				var findings []finding
				if err := json.Unmarshal(raw, &findings); err != nil {
					return ds, fmt.Errorf("%s of %s failed: %s", name, pkg, raw)
				}
				for _, f := range findings {
					ds = append(ds, f.toDiagnostic())
				}
			}
		}
	}
}

// toDiagnostic takes a message apart that the analyzers have put together.
func (f finding) toDiagnostic() diag.Diagnostic {
	code, rest, _ := strings.Cut(f.Message, ": ")
	text, hint, _ := strings.Cut(rest, "\n\thint: ")
	d := diag.Diagnostic{Code: diag.Code(code), Pos: parsePosition(f.Posn), Message: text, Hint: hint}
	for _, r := range f.Related {
		d = d.WithRelated(parsePosition(r.Posn), "%s", r.Message)
	}
	return d
}
