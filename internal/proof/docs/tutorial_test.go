package docs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	// What the tutorials build and run, so that a change of it makes go test run again what it
	// would take from its cache.
	_ "github.com/necrostack/necrogen/backends/memory"
	_ "github.com/necrostack/necrogen/backends/redisstream"
	_ "github.com/necrostack/necrogen/internal/gen/check"
	_ "github.com/necrostack/necrogen/internal/gen/write"
	_ "github.com/necrostack/necrogen/runtime/necrotest"
	_ "github.com/necrostack/necrogen/templates"

	"github.com/necrostack/necrogen/internal/gen/draw"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

const module = "github.com/necrostack/necrogen"

// tutorial is a page, or a section of one, that a reader follows step by step.
type tutorial struct{ page, section string }

var tutorials = []tutorial{
	{"README.md", "a-first-program"},
	{"docs/getting-started.md", ""},
}

// TestTutorials does what a new user does: all steps, as one shell script in an empty folder.
// Only what "go get" would download is replaced by this repository.
func TestTutorials(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the tutorials are written for a shell: ", err)
	}
	for _, which := range tutorials {
		steps := blocks(t, func(b *block) bool { return b.isStep() && b.isIn([]tutorial{which}) })
		t.Run(which.page, func(t *testing.T) {
			t.Parallel()
			follow(t, steps)
		})
	}
}

// goget stands for "go get" in a script: it takes the working tree for the latest version.
const goget = `goget() {
	go mod edit -require=` + module + `@v0.0.0 -replace=` + module + `="$REPOSITORY"
	if [ "$1" = -tool ]; then go mod edit -tool="${2%@latest}" && go mod tidy; fi
}
`

// redisAddress is where a reader's Redis is.
const redisAddress = "localhost:6379"

// follow follows a tutorial, then runs the check that README.md wants in a user's tests.
func follow(t *testing.T, steps []*block) {
	t.Helper()
	script, printed := goget, t.TempDir()
	for i, step := range steps {
		script += step.script(filepath.Join(printed, fmt.Sprint(i)))
	}
	if strings.Contains(script, redisAddress) {
		script = strings.ReplaceAll(script, redisAddress, redistest.Start(t).Addr())
	}
	shell(t, script+"\ngo tool necrogen check ./...\n")
	for i, step := range steps {
		want := step.prints
		if step.lang == "sh" && i+1 < len(steps) && steps[i+1].lang == "text" {
			want = steps[i+1].text
		}
		got, err := os.ReadFile(filepath.Join(printed, fmt.Sprint(i)))
		if want != "" && (err != nil || !looksLike(string(got), want)) {
			t.Errorf("%s prints\n%s\nthe page promises\n%s", step, got, want)
		}
	}
}

// script is a step as a part of a script. What a command prints goes to a file.
func (b *block) script(printed string) string {
	switch {
	case b.lang == "sh":
		return "{\n" + strings.ReplaceAll(b.text, "go get", "goget") + "} >" + printed + "\n"
	case b.file != "":
		return "mkdir -p " + filepath.Dir(b.file) + "\ncat >" + b.file + " <<'END OF FILE'\n" + b.text + "END OF FILE\n"
	}
	return ""
}

// looksLike compares what was printed with what a page promises, where "…" stands for anything.
func looksLike(got, want string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), "…", ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString(strings.TrimSpace(got))
}

// shell runs a script in an empty folder.
func shell(t *testing.T, script string) {
	t.Helper()
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-exc", script)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "REPOSITORY="+repository, "GOWORK=off", "GOFLAGS=-ldflags=-w")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestProgramIsTheExample: the program that README.md shows is the one in examples/hello.
func TestProgramIsTheExample(t *testing.T) {
	example, err := os.ReadFile(filepath.Join(root, "examples/hello/main.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(t, func(b *block) bool { return b.page == "README.md" && b.file == "main.go" }) {
		if b.text != string(example) {
			t.Errorf("%s is another program than examples/hello/main.go", b)
		}
	}
}

// TestDrawnPictures: the pictures of an example's topology are those that necrogen graph draws
// today.
func TestDrawnPictures(t *testing.T) {
	for page, example := range map[string]string{
		"README.md":                        "examples/orderbook",
		"examples/notifications/README.md": "examples/notifications",
	} {
		loaded, diags, err := source.Load(t.Context(), filepath.Join(root, example), nil)
		if err != nil || len(diags) > 0 {
			t.Fatal(err, diags)
		}
		var picture bytes.Buffer
		if err := draw.All(graph.New(loaded)).Mermaid(&picture); err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks(t, func(b *block) bool { return b.page == page && b.isPicture() }) {
			if b.text != picture.String() {
				t.Errorf("%s is another picture than that of necrogen graph ./%s:\n%s", b, example, &picture)
			}
		}
	}
}
