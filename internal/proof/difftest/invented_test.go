package difftest

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/write"
	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
	"github.com/necrostack/necrogen/internal/proof/difftest/invent"
	"github.com/necrostack/necrogen/internal/testkit/files"
)

var (
	worlds = flag.Int("worlds", 64, "random worlds of one to three packages")
	keep   = flag.String("keep", "", "an empty folder, in which the random packages stay")
)

// TestInvented generates random packages. Those with a mistake give a diagnostic in its line, and
// no other packages do; the rest gives files that compile, that a second run leaves alone, and
// that are the same in any order of packages. What they hold is compared with the references.
func TestInvented(t *testing.T) {
	s := seeded(t)
	m := newModule(t)
	var right, wrong []*invent.World
	for i := range *worlds {
		if w := invent.NewWorld(s, i, modulePath); w.Spoilt || len(w.Mistakes) > 0 {
			wrong = append(wrong, w)
		} else {
			right = append(right, w)
		}
	}
	right = m.accept(t, right)
	m.anyOrder(t, right, rand.New(rand.NewPCG(s, 0)))
	for _, w := range wrong {
		if m.judge(t, w) {
			right = append(right, w)
		}
	}
	m.compile(t)
	m.compare(t, right, s)
}

func (m *module) writeWorld(t *testing.T, w *invent.World) {
	t.Helper()
	for _, p := range w.Packages {
		for name, source := range p.Files {
			m.write(t, p.Dir+"/"+name, source)
		}
	}
}

// outOfReach are what may be told of a package without a mistake: that it holds a type which
// generated code can't name, or rules that what is left out of the encoding breaks.
var outOfReach = []diag.Code{diag.Unreachable, diag.RuleUnreachable, diag.RuleUnencoded, diag.RuleOmitted, diag.RuleOpened}

// accept generates all worlds without a mistake in one run.
func (m *module) accept(t *testing.T, ws []*invent.World) []*invent.World {
	t.Helper()
	for _, w := range ws {
		m.writeWorld(t, w)
	}
	_, diags := m.plan(t, "./...")
	refused := map[string]bool{}
	for _, d := range diags {
		m.placed(t, d)
		if !slices.Contains(outOfReach, d.Code) {
			t.Errorf("nothing is wrong, but\n%s", m.render([]diag.Diagnostic{d}))
		}
		rel, _ := filepath.Rel(m.root, d.Pos.Filename)
		refused[strings.Split(filepath.ToSlash(rel), "/")[0]] = true
	}
	if t.Failed() {
		t.FailNow()
	}
	ws = slices.DeleteFunc(slices.Clone(ws), func(w *invent.World) bool {
		return refused[w.Name] && os.RemoveAll(m.path(w.Name)) == nil
	})
	t.Logf("%d worlds without a mistake, and %d with a type out of reach", len(ws), len(refused))
	m.generate(t, "./...")
	return ws
}

// judge holds what is told of a world against its mistakes, and says whether it was generated.
func (m *module) judge(t *testing.T, w *invent.World) bool {
	t.Helper()
	m.writeWorld(t, w)
	_, diags := m.plan(t, w.Patterns()...)
	for _, d := range diags {
		m.placed(t, d)
	}
	switch {
	case !w.Spoilt:
		m.expected(t, w, diags)
	case len(diags) == 0:
		m.generate(t, w.Patterns()...)
		return true
	}
	if err := os.RemoveAll(m.path(w.Name)); err != nil {
		t.Fatal(err)
	}
	return false
}

// placed wants a position inside a file.
func (m *module) placed(t *testing.T, d diag.Diagnostic) {
	t.Helper()
	if !strings.HasPrefix(d.Pos.Filename, m.root) {
		t.Errorf("%s is told of %q", d.Code, d.Pos)
		return
	}
	lines := strings.Split(files.Read(t, d.Pos.Filename), "\n")
	if d.Pos.Line < 1 || d.Pos.Line > len(lines) || d.Pos.Column < 1 || d.Pos.Column > len(lines[d.Pos.Line-1])+1 {
		t.Errorf("%s is told of %s, which has %d lines", d.Code, d.Pos, len(lines))
	}
}

// expected wants a diagnostic in the line of every mistake, and none elsewhere.
func (m *module) expected(t *testing.T, w *invent.World, ds []diag.Diagnostic) {
	t.Helper()
	for _, mistake := range w.Mistakes {
		if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool {
			return string(d.Code) == mistake.Code && d.Pos.Filename == m.path(mistake.File) && d.Pos.Line == mistake.Line
		}) {
			t.Errorf("%s:%d: no %s, but\n%s", mistake.File, mistake.Line, mistake.Code, m.render(ds))
		}
	}
	for _, d := range ds {
		if !slices.Contains(outOfReach, d.Code) && !slices.ContainsFunc(w.Mistakes, func(mistake invent.Mistake) bool {
			return d.Pos.Filename == m.path(mistake.File) && mistake.From <= d.Pos.Line && d.Pos.Line <= mistake.To
		}) {
			t.Errorf("nothing is wrong here:\n%s", m.render([]diag.Diagnostic{d}))
		}
	}
}

// anyOrder generates the packages of some worlds one by one, in any order, from nothing.
func (m *module) anyOrder(t *testing.T, ws []*invent.World, r *rand.Rand) {
	t.Helper()
	for _, i := range r.Perm(len(ws))[:min(8, len(ws))] {
		patterns, before := ws[i].Patterns(), m.takeGenerated(t, ws[i])
		for _, j := range r.Perm(len(patterns)) {
			changes, diags := m.plan(t, patterns[j])
			if err := write.Apply(changes); err != nil || len(changes) == 0 {
				t.Fatalf("%s: %d changes, %v\n%s", patterns[j], len(changes), err, m.render(diags))
			}
		}
		for file, content := range before {
			if files.Read(t, file) != content {
				t.Errorf("%s is another one when it is generated alone", file)
			}
		}
	}
}

// takeGenerated removes what was generated for a world, and returns it.
func (m *module) takeGenerated(t *testing.T, w *invent.World) map[string]string {
	t.Helper()
	taken := map[string]string{}
	for _, p := range w.Packages {
		for _, name := range []string{model.File, model.TestFile} {
			file := m.path(p.Dir + "/" + name)
			if _, err := os.Stat(file); err != nil {
				continue
			}
			taken[file] = files.Read(t, file)
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	return taken
}

// usersTag is what go vet says of a spoilt tag of a struct that no event holds.
var usersTag = regexp.MustCompile(`(?m)^.*struct field tag .*\n`)

// compile builds and vets everything that was generated.
func (m *module) compile(t *testing.T) {
	t.Helper()
	if out, err := m.run(t, "build", "./..."); err != nil {
		t.Fatalf("go build: %v\n%s", err, head(out, 60))
	}
	out, err := m.run(t, "vet", "./...")
	if out = usersTag.ReplaceAllString(out, ""); err != nil && strings.Contains(out, model.File) {
		t.Errorf("go vet: %v\n%s", err, head(out, 60))
	}
}

// values is how many of them an event has: the more types, the fewer.
const values = 30

// compare builds a program of all events, and runs it.
func (m *module) compare(t *testing.T, ws []*invent.World, seed uint64) {
	t.Helper()
	m.write(t, "compare/main.go", compareMain(ws, seed))
	if out, err := m.run(t, "build", "-o", m.path("compare.bin"), "./compare"); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.Command(m.path("compare.bin")).Output()
	if err != nil {
		t.Fatalf("comparing: %v\n%s", err, out)
	}
	var r compare.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, d := range r.Differences {
		t.Error(d)
	}
	t.Logf("%d packages with %d types, of each %d values, and %d routes: %d differences",
		packages(ws), r.Events, values, r.Routes, len(r.Differences))
	t.Logf("codec: %d values written, %d read, %d in other forms; the reference can't write %d, and not read %d",
		r.Values-r.Unwritten, r.Decoded-r.Unread, r.Forms, r.Unwritten, r.Unread)
	t.Logf("validators: %d verdicts, %d violations in %d values; the reference can't judge %d",
		r.Verdicts, r.Violations, r.Invalid, r.Unjudged)
}

func packages(ws []*invent.World) (n int) {
	for _, w := range ws {
		n += len(w.Packages)
	}
	return n
}

// compareMain is a program that compares the events of all packages.
func compareMain(ws []*invent.World, seed uint64) string {
	var imports, calls strings.Builder
	n := 0
	for _, w := range ws {
		for _, p := range w.Packages {
			if p.Register != "" {
				fmt.Fprintf(&imports, "\tp%d %q\n", n, p.Path)
				fmt.Fprintf(&calls, "\tr.Add(p%d.%s())\n", n, p.Register)
				n++
			}
		}
	}
	return fmt.Sprintf(`package main

import (
	"encoding/json"
	"os"

	"github.com/necrostack/necrogen/internal/proof/difftest/compare"
%s)

func main() {
	r := compare.NewReport(%d, %d)
%s	_ = json.NewEncoder(os.Stdout).Encode(r)
}
`, imports.String(), seed, values, calls.String())
}
