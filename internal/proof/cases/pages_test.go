package cases

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/gocommand"
	"golang.org/x/tools/txtar"

	"github.com/necrostack/necrogen/internal/gen/check"
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/templates"
)

// notFromSource are the codes that the source of one package can't cause. Their pages show what
// there is to show, and scripts of the command give them.
var notFromSource = map[diag.Code]string{
	diag.NotLoaded:    "it is about what was named on the command line",
	diag.NotOurs:      "it is about a file in the way of what is written",
	diag.NoDirective:  "it is about the source of another module",
	diag.Missing:      "it is about a generated file",
	diag.Stale:        "it is about a generated file",
	diag.Orphan:       "it is about a generated file",
	diag.Unheard:      "it is about a generated file",
	diag.Unemitted:    "nothing is wrong",
	diag.ClockChanges: "nothing is wrong",
	diag.TooDeep:      "it is about a flag",
	diag.TooWide:      "it is about a flag",

	diag.EventRemoved: aboutLock, diag.NameReused: aboutLock, diag.KeyChanged: aboutLock, diag.FieldRemoved: aboutLock,
	diag.FieldRequired: aboutLock, diag.TypeChanged: aboutLock, diag.RuleNarrowed: aboutLock, diag.FormChanged: aboutLock,
	diag.LockUnreadable: aboutLock,
}

const aboutLock = "it is about what stands in necro.lock"

// page is what explains a code. Its examples are the files of one package each.
type page struct {
	code         diag.Code
	wrong, right []txtar.File
}

// TestPages wants a page for every code, whose wrong example gives just this code and whose
// right one gives nothing, and compiles with what is generated for it.
func TestPages(t *testing.T) {
	root := module(t)
	var pages []page
	for _, code := range slices.Sorted(slices.Values(diag.Codes())) {
		p := readPage(t, code)
		if notFromSource[code] != "" {
			continue
		}
		pages = append(pages, p)
		writeExample(t, filepath.Join(root, string(code), "wrong"), p.wrong)
		writeExample(t, filepath.Join(root, string(code), "right"), p.right)
	}
	all, diags, err := source.Load(context.Background(), root, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		dir := filepath.Join(root, string(p.code))
		_, wrong := judge(all, diags, filepath.Join(dir, "wrong"))
		if codes := codesOf(wrong); !slices.Equal(codes, []diag.Code{p.code}) {
			t.Errorf("%s: the wrong example gives %v:\n%s", p.code, codes, text(t, dir, wrong))
		}
		topology, right := judge(all, diags, filepath.Join(dir, "right"))
		if len(right) > 0 {
			t.Errorf("%s: the right example gives\n%s", p.code, text(t, dir, right))
			continue
		}
		generateExample(t, topology)
	}
	if !t.Failed() {
		gocommand.Run(t, root, append([]string{"vet"}, rightPackages(pages)...)...)
	}
}

var pageForm = regexp.MustCompile("(?s)^# (NC\\d{3}): ([^\n]+)\n\n(.+)\n\n" +
	"## Wrong\n\n```(go|sh)\n(.+)```\n\n## Right\n\n```(go|sh)\n(.+)```\n$")

// readPage reads a page and holds it to its form.
func readPage(t *testing.T, code diag.Code) page {
	t.Helper()
	markdown, ok := diag.Page(code)
	m := pageForm.FindStringSubmatch(markdown)
	if !ok || m == nil {
		t.Fatalf("%s: no page internal/gen/diag/pages/%s.md of the usual form: %q", code, code, markdown)
	}
	if entry, _ := diag.Catalogue(code); m[1] != string(code) || m[2] != entry.Title {
		t.Errorf("%s: the title of the page is %s: %s", code, m[1], m[2])
	}
	for line := range strings.Lines(markdown) {
		if len([]rune(line)) > 120 {
			t.Errorf("%s: long line: %s", code, line)
		}
	}
	return page{code, exampleFiles(m[5]), exampleFiles(m[7])}
}

// exampleFiles splits an example that shows several files, as txtar does.
func exampleFiles(block string) []txtar.File {
	if a := txtar.Parse([]byte(block)); len(a.Files) > 0 {
		return a.Files
	}
	return []txtar.File{{Name: "shop.go", Data: []byte(block)}}
}

// imported are the packages that examples may use without saying so.
var imported = map[string]string{
	"context": "context", "errors": "errors", "slog": "log/slog", "strconv": "strconv", "time": "time",
	"strings": "strings", "fmt": "fmt", "atomic": "sync/atomic", "sync": "sync", "big": "math/big", "url": "net/url",
	"regexp": "regexp",
	"necro":  "github.com/necrostack/necrogen/runtime",
}

var clause = regexp.MustCompile(`(?m)^package `)

// writeExample writes the files of an example, with the package clause and the imports that are
// left out for brevity.
func writeExample(t *testing.T, dir string, example []txtar.File) {
	t.Helper()
	for _, f := range example {
		if !clause.Match(f.Data) {
			head := "package shop\n\n"
			for _, name := range slices.Sorted(maps.Keys(imported)) {
				if regexp.MustCompile(`\b` + name + `\.[A-Z]`).Match(f.Data) {
					head += fmt.Sprintf("import %s %q\n", name, imported[name])
				}
			}
			f.Data = append([]byte(head+"\n"), f.Data...)
		}
		files.Write(t, filepath.Join(dir, f.Name), f.Data)
	}
}

// judge checks the packages below a folder alone, so that examples may use one name twice.
func judge(all *model.Topology, loaded []diag.Diagnostic, dir string) (*model.Topology, []diag.Diagnostic) {
	below := func(path string) bool {
		return path == dir || strings.HasPrefix(path, dir+string(filepath.Separator))
	}
	part := &model.Topology{}
	for _, p := range all.Packages {
		if below(p.Dir) {
			part.Packages = append(part.Packages, p)
		}
	}
	diags := check.Check(part)
	for _, d := range loaded {
		if below(d.Pos.Filename) {
			diags = append(diags, d)
		}
	}
	return part, diags
}

func codesOf(diags []diag.Diagnostic) []diag.Code {
	var codes []diag.Code
	for _, d := range diags {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func text(t *testing.T, dir string, diags []diag.Diagnostic) string {
	t.Helper()
	var b strings.Builder
	if err := diag.Text(&b, dir, diag.Style{}, diags); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func generateExample(t *testing.T, topology *model.Topology) {
	t.Helper()
	changes, diags, err := write.Plan(topology, templates.Emit)
	if err != nil || len(diags) > 0 {
		t.Fatalf("%v, %v", err, diags)
	}
	if err := write.Apply(changes); err != nil {
		t.Fatal(err)
	}
}

func rightPackages(pages []page) []string {
	var patterns []string
	for _, p := range pages {
		patterns = append(patterns, "./"+string(p.code)+"/right/...")
	}
	return patterns
}
