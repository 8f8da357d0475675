package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os/exec"
	"strings"
)

// verdict is what became of a test.
type verdict string

const (
	green  verdict = "passes"
	red    verdict = "fails"
	hangs  verdict = "hangs"
	absent verdict = "" // it does not exist or does not compile, or its program died of something else
)

func (v verdict) String() string { return cmp.Or(string(v), "does not run") }

// runTests runs tests of a folder. It returns their verdicts and what go test printed.
func runTests(ctx context.Context, dir string, names []string, flags ...string) (map[string]verdict, string) {
	patterns := make([]string, len(names))
	for i, name := range names {
		patterns[i] = "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
	}
	// To optimize would only cost time.
	args := []string{"test", "-json", "-gcflags=github.com/necrostack/...=-N -l", "-vet=off", "-count=1",
		"-timeout=3m", "-run", strings.Join(patterns, "|")}
	cmd := exec.CommandContext(ctx, "go", append(append(args, flags...), ".")...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	verdicts, text := readVerdicts(out)
	if text == "" && err != nil {
		text = err.Error()
	}
	return verdicts, shortenText(text)
}

// readVerdicts takes the verdicts and the text out of what go test -json writes.
func readVerdicts(out []byte) (map[string]verdict, string) {
	verdicts := map[string]verdict{}
	var text strings.Builder
	for line := range bytes.Lines(out) {
		var event struct{ Action, Test, Output string }
		if json.Unmarshal(line, &event) != nil {
			text.Write(line)
			continue
		}
		text.WriteString(event.Output)
		switch event.Action {
		case "run":
			verdicts[event.Test] = absent
		case "pass":
			verdicts[event.Test] = green
		case "fail":
			verdicts[event.Test] = red
		}
	}
	if strings.Contains(text.String(), "panic: test timed out") {
		for name := range verdicts {
			verdicts[name] = hangs
		}
	}
	return verdicts, text.String()
}

// shortenText keeps the first lines of what go test printed: a test that hangs prints all goroutines.
func shortenText(text string) string {
	const lines = 30
	if list := strings.SplitAfter(text, "\n"); len(list) > lines {
		return strings.Join(list[:lines], "") + "…\n"
	}
	return text
}
