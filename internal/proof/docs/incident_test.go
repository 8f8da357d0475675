package docs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	_ "github.com/necrostack/necrogen/examples/notifications/gateway" // as in tutorial_test.go
	"github.com/necrostack/necrogen/internal/testkit/golden"
	_ "github.com/necrostack/necrogen/necroctl"
)

// The page that shows what a script prints: each console block is what that prints below the
// block's heading.
const (
	incidentPage   = "docs/incident.md"
	incidentScript = "examples/notifications/incident.sh"
)

func (b *block) isTranscript() bool { return b.page == incidentPage && b.lang == "console" }

// TestIncident runs the script, and wants what the page shows of it. With -update it writes that.
func TestIncident(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("the script is written for bash: ", err)
	}
	shown := ""
	for _, b := range blocks(t, (*block).isTranscript) {
		shown += part(b.section, b.text)
	}
	t.Parallel()
	said, printed := runIncident(t), ""
	for _, p := range said {
		printed += part(anchor(p.heading), p.text)
	}
	if d := diff.Diff(incidentPage, []byte(lasting(shown)), incidentScript, []byte(lasting(printed))); len(d) > 0 {
		t.Logf("what does not change from run to run is another:\n%s", d)
		rewrite(t, said)
	}
}

func part(anchor, text string) string { return "## " + anchor + "\n" + text }

type incidentPart struct{ heading, text string }

// runIncident returns what the script prints, by its headings.
func runIncident(t *testing.T) (parts []incidentPart) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", incidentScript)
	cmd.Dir = root
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it ends what it started
	cmd.WaitDelay = time.Minute
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, &wrong)
	}
	for _, text := range strings.Split("\n"+string(out), "\n## ")[1:] {
		heading, text, _ := strings.Cut(text, "\n")
		parts = append(parts, incidentPart{heading, strings.TrimSuffix(text, "\n") + "\n"})
	}
	return parts
}

// rewrite puts what was printed into the page, if -update says so.
func rewrite(t *testing.T, parts []incidentPart) {
	path := filepath.Join(root, incidentPage)
	for _, p := range parts {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, section, _ := strings.Cut(string(page), "\n## "+p.heading+"\n")
		before, _, _ := strings.Cut(section, "```console\n")
		if golden.Section(t, path, "\n## "+p.heading+"\n"+before+"```console\n", "```\n", p.text); t.Failed() {
			return
		}
	}
}

var (
	uuid     = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	clock    = regexp.MustCompile(`(\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d(\.\d+|Z)`)
	pausedBy = regexp.MustCompile(`\(by [^,)]+, `)
	duration = regexp.MustCompile(`(?m)(\b(\d+m)?\d+(\.\d+)?m?s\b|\bAGE\b|\bLAG\b) *`)
)

// lasting is what a transcript has in every run: ids become numbers, the same for the same one, and
// times and ages become words, with the blanks behind them in a table.
func lasting(text string) string {
	ids := map[string]string{}
	text = uuid.ReplaceAllStringFunc(text, func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("(id %d)", len(ids)+1)
		}
		return ids[id]
	})
	text = pausedBy.ReplaceAllString(text, "(by somebody, ")
	return duration.ReplaceAllString(clock.ReplaceAllString(text, "(time)"), "(age) ")
}
