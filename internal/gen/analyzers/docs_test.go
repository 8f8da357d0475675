package analyzers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// around is what the examples of the documentation stand in.
const around = `
type Order struct {
	ID     string
	Amount int
	Codes  []string
}

type Paid Order

func (*Order) Validate() error { return nil }
func (*Paid) Validate() error  { return nil }

//necro:organ exclusive
type Billing struct {
	spine   *necro.Spine
	last    *Order
	codes   map[string][]string
	amounts map[string]int
}

func round(n int) int                                   { return n / 100 * 100 }
func (*Billing) notify(context.Context, string) error   { return nil }
func (*Billing) charge(context.Context, string) error   { return nil }
func (*Billing) lookUp(context.Context, string) string  { return "" }
func (*Billing) ready(string) bool                      { return true }
`

// TestDocs holds docs/vet.md to what it says: an analyzer finds something in what stands under
// "Wrong:" in its section, and no analyzer anything in what stands under "Right:".
func TestDocs(t *testing.T) {
	examples := examples(t)
	found := analyze(t, examples)
	for i, e := range examples {
		got := found[e.name(i)]
		if e.right && len(got) > 0 {
			t.Errorf("%s: what is right gives %q:\n%s", e.section, got, e.source)
		}
		if !e.right && !slices.ContainsFunc(got, func(m string) bool { return strings.HasPrefix(m, namespace+e.section+": ") }) {
			t.Errorf("%s: what is wrong gives %q:\n%s", e.section, got, e.source)
		}
	}
}

// docExample is a block of the documentation.
type docExample struct {
	section string
	right   bool
	source  string
}

func (e docExample) name(i int) string { return fmt.Sprintf("example%d", i) }

// examples reads the documentation. Every analyzer has at least one of each kind.
func examples(t *testing.T) (list []docExample) {
	t.Helper()
	docs, err := os.ReadFile("../../../docs/vet.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)(Wrong|Right):\n\n```go\n(.*?)```")
	for _, a := range All() {
		_, section, _ := strings.Cut(string(docs), "\n## "+a.Name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		blocks := block.FindAllStringSubmatch(section, -1)
		if len(blocks) < 2 {
			t.Errorf("%s has no section with examples", a.Name)
		}
		for _, b := range blocks {
			list = append(list, docExample{a.Name, b[1] == "Right", b[2]})
		}
	}
	return list
}

// file is the example as a file of Go.
func (e docExample) file(name string) string {
	source := e.source
	if !strings.Contains(source, "//necro:handle") {
		source = "//necro:handle\n" + source
	}
	imports := ""
	for _, path := range []string{"slices", "sort", "sync", "time", "golang.org/x/sync/errgroup"} {
		if strings.Contains(source, path[strings.LastIndex(path, "/")+1:]+".") {
			imports += fmt.Sprintf("import %q\n", path)
		}
	}
	return "package " + name + "\nimport \"context\"\nimport necro \"" + runtimePath + "\"\n" + imports + around + source
}

// analyze runs all analyzers over the examples, and returns the messages by package.
func analyze(t *testing.T, examples []docExample) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, e := range examples {
		name := e.name(i)
		names = append(names, name)
		at := filepath.Join(dir, "src", name)
		if err := errors.Join(os.Mkdir(at, 0o755), os.WriteFile(filepath.Join(at, "a.go"), []byte(e.file(name)), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Dir: dir,
		Env: append(os.Environ(), "GOPATH="+dir, "GO111MODULE=off", "GOWORK=off", "GOFLAGS="),
	}, names...)
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatal("the examples do not compile", err)
	}
	graph, err := checker.Analyze(All(), pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, act := range graph.Roots {
		for _, d := range act.Diagnostics {
			found[act.Package.Name] = append(found[act.Package.Name], d.Message)
		}
	}
	return found
}
