package readme

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	// What the quick start builds and runs, so that a change of it makes go test run again
	// what it would take from its cache.
	_ "github.com/necrostack/necrogen/backends/memory"
	_ "github.com/necrostack/necrogen/internal/check"
	_ "github.com/necrostack/necrogen/internal/write"
	_ "github.com/necrostack/necrogen/templates"

	"github.com/necrostack/necrogen/internal/graph"
	"github.com/necrostack/necrogen/internal/load"
	"github.com/necrostack/necrogen/internal/topology"
)

const module = "github.com/necrostack/necrogen"

// TestQuickStart does what a new user does: the section "A first program", as one shell script
// in an empty folder. Only what "go get" would download is replaced by this repository.
func TestQuickStart(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the quick start is written for a shell: ", err)
	}
	text := section(t, "## A first program")
	script := strings.Join(steps(text), "\n")
	want := regexp.MustCompile("It prints `([^`]+)`").FindStringSubmatch(text)
	if want == nil {
		t.Fatal("README.md does not say what the program prints")
	}
	if got := run(t, strings.ReplaceAll(script, "go get", "goget")); got != want[1]+"\n" {
		t.Errorf("the program prints %q, README.md promises %q", got, want[1])
	}
}

// TestProgramIsTheExample: the program that README.md shows is the one in examples/hello.
func TestProgramIsTheExample(t *testing.T) {
	example, err := os.ReadFile("../../examples/hello/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(section(t, "## A first program"), "```go\n"+string(example)+"```\n") {
		t.Error("README.md shows another program than examples/hello/main.go")
	}
}

// TestDiagramIsTheOrderBook: the picture is the one that necrogen graph draws today.
func TestDiagramIsTheOrderBook(t *testing.T) {
	loaded, diags, err := load.Load(t.Context(), "../../examples/orderbook", nil)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var picture bytes.Buffer
	if err := graph.All(topology.New(loaded)).Mermaid(&picture); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(section(t, "## The topology is known"), "```mermaid\n"+picture.String()+"```\n") {
		t.Errorf("README.md shows another picture than necrogen graph ./examples/orderbook:\n%s", &picture)
	}
}

// section returns a part of README.md: from a heading to the next.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("README.md has no section %q", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

// A fenced block, with the name of the file that it stands for when the line above has one.
var block = regexp.MustCompile("(?ms)(?:^`([^`\n]+)`:\n\n)?^```(\\w+)\n(.*?)^```$")

// steps turns the blocks of a section into a script: shell commands as they are, and files that
// it names. Other blocks explain.
func steps(section string) (script []string) {
	for _, m := range block.FindAllStringSubmatch(section, -1) {
		switch name, language, body := m[1], m[2], m[3]; {
		case language == "sh":
			script = append(script, body)
		case name != "":
			script = append(script, "cat >"+name+" <<'END OF FILE'\n"+body+"END OF FILE\n")
		}
	}
	return script
}

// goget stands for "go get" in the script: it takes the working tree for the latest version.
const goget = `goget() {
	go mod edit -require=` + module + `@v0.0.0 -replace=` + module + `="$REPOSITORY"
	if [ "$1" = -tool ]; then go mod edit -tool="${2%@latest}"; fi
	go mod tidy
}
`

// run runs the script in an empty folder, then the check that README.md wants in a user's tests.
// It returns what the script printed.
func run(t *testing.T, script string) string {
	t.Helper()
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-exc", goget+script+"\ngo tool necrogen check ./...")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "REPOSITORY="+repository, "GOWORK=off", "GOFLAGS=")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, stderr.String(), stdout.String())
	}
	return stdout.String()
}
