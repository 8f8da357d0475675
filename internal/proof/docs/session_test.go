package docs

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var prompt = regexp.MustCompile(`(?m)^(\w+)> (.*)\n`)

// isSession: what is typed at the prompt of an example, and what it answers.
func (b *block) isSession() bool {
	m := prompt.FindStringSubmatch(b.text)
	return b.lang == "text" && m != nil && b.page == "examples/"+m[1]+"/README.md"
}

// TestSessions types what the sessions of examples type, without a terminal, and wants the answers.
func TestSessions(t *testing.T) {
	t.Parallel()
	for _, b := range blocks(t, (*block).isSession) {
		var typed strings.Builder
		for _, m := range prompt.FindAllStringSubmatch(b.text, -1) {
			typed.WriteString(m[2] + "\n")
		}
		cmd := exec.CommandContext(t.Context(), "go", "run", "-ldflags=-w", "./"+filepath.Dir(b.page), "--interactive")
		cmd.Dir, cmd.Stdin = root, strings.NewReader(typed.String())
		out, err := cmd.Output()
		if answers := prompt.ReplaceAllString(b.text, ""); err != nil || !strings.HasPrefix(string(out), answers) {
			t.Errorf("%s: the program answers (%v)\n%s", b, err, out)
		}
	}
}
