package sabotage

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const code = `package feed

import "time"

type feed struct{ open bool }

// take takes what is there.
func (f *feed) take(limit int) time.Duration {
	if f.open || limit == 0 {
		return 0
	}
	return wait(time.Second, limit)
}

func wait(d time.Duration, n int) time.Duration { return d * time.Duration(n) }

func other(f *feed, limit int) bool { return f.open || limit == 0 }
`

var (
	takeAll  = Edit{In: "feed", Decl: "(*feed).take", Old: "f.open || limit == 0", New: "f.open"}
	takeNone = Edit{In: "feed", Decl: "(*feed).take", Old: "wait(time.Second, limit)", New: "0"}
)

// repository writes files, and returns a repository of them.
func repository(t *testing.T, files map[string]string) *Repository {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		to := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return Open(root)
}

// TestChangesThatBreakNoEdit: an edit finds its text in spite of all changes but those of the text itself.
func TestChangesThatBreakNoEdit(t *testing.T) {
	replaced := func(pairs ...string) map[string]string {
		text := strings.NewReplacer(pairs...).Replace(code)
		if text == code {
			t.Errorf("nothing is replaced by %q", pairs)
		}
		return map[string]string{"feed/feed.go": text}
	}
	before, method, _ := strings.Cut(code, "// take takes")
	method, after, _ := strings.Cut(method, "\nfunc wait")
	for name, files := range map[string]map[string]string{
		"as it was":        {"feed/feed.go": code},
		"other renamed":    replaced("func other", "func another"),
		"a comment around": replaced("// take takes what is there.", "// take has f.open || limit == 0 in its comment, too."),
		"comments inside":  replaced("f.open || limit", "f.open || /* f.open || limit == 0 */ limit", "return wait(time.Second, limit)", "// f.open || limit == 0\nreturn wait(time.Second, // at most\nlimit)"),
		"formatted anew":   replaced("f.open || limit == 0", "f.open ||\n\tlimit==0", "wait(time.Second, limit)", "wait(\n\ttime.Second,\n\tlimit,\n)"),
		"moved to another file": {
			"feed/feed.go": before + "func wait" + after,
			"feed/take.go": "package feed\n\nimport \"time\"\n\n// take takes" + method,
		},
		"moved, beside a test and another system": {
			"feed/a.go":         code,
			"feed/a_test.go":    code,
			"feed/a_plan9.go":   code,
			"feed/a_unknown.go": "//go:build never\n\n" + code,
		},
	} {
		t.Run(name, func(t *testing.T) {
			edited, err := repository(t, files).Apply([]Edit{takeAll, takeNone})
			if err != nil {
				t.Fatal(err)
			}
			if len(edited) != 1 {
				t.Fatalf("%d files are edited, want one", len(edited))
			}
			for _, text := range edited {
				words, err := goWords(text)
				if err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				for _, w := range words {
					all.WriteString(w.text + " ")
				}
				if !strings.Contains(all.String(), "{ if f . open { return 0 } ; return 0 }") {
					t.Errorf("the function is not as it should be with the edits:\n%s", text)
				}
				if n := strings.Count(all.String(), "bool { return f . open || limit == 0 }"); n != strings.Count(string(text), "other(") {
					t.Errorf("another function is edited:\n%s", text)
				}
			}
		})
	}
}

// TestEditsThatDoNotFit: what is not there exactly once is an error that tells what was looked for.
func TestEditsThatDoNotFit(t *testing.T) {
	r := repository(t, map[string]string{
		"feed/feed.go": code, "feed/a.lua": "return 1 -- return 2\nreturn '--', return 3", "Makefile": "all:\n\tgo test\n",
	})
	for name, c := range map[string]struct {
		edit Edit
		want string
	}{
		"gone":             {Edit{In: "feed", Decl: "wait", Old: "f.open || limit"}, `feed, wait: the text "f.open || limit" is found nowhere, want it once; it is in (*feed).take, other`},
		"twice":            {Edit{In: "feed", Decl: "(*feed).take", Old: "limit"}, `feed, (*feed).take: the text "limit" is found 3 times, want it once`},
		"a part of a word": {Edit{In: "feed", Decl: "(*feed).take", Old: "ope"}, "nowhere"},
		"in a comment":     {Edit{In: "feed", Decl: "(*feed).take", Old: "what is there"}, "nowhere"},
		"empty":            {Edit{In: "feed", Decl: "(*feed).take"}, "has nothing to look for"},
		"no tokens":        {Edit{In: "feed", Decl: "(*feed).take", Old: "'"}, "rune literal"},
		"no function":      {Edit{In: "feed", Decl: "feed.take", Old: "limit"}, "feed: 0 declarations of feed.take, want one"},
		"no folder":        {Edit{In: "food", Decl: "feed.take", Old: "limit"}, "food: no such file"},
		"a Go file":        {Edit{In: "feed/feed.go", Old: "limit"}, "name the folder and the declaration"},
		"no declaration":   {Edit{In: "feed", Old: "limit"}, "feed: an edit names a folder and a declaration in it"},
		"what is no Go":    {Edit{In: "feed", Decl: "wait", Old: "{", New: "{{"}, "with its edits"},
		"a script's, more": {Edit{In: "feed/a.lua", Old: "return"}, "found 3 times"},
		"a script's, gone": {Edit{In: "feed/a.lua", Old: "return 2"}, "nowhere"},
		"a text's, gone":   {Edit{In: "Makefile", Old: "go vet"}, `Makefile: the text "go vet" is found nowhere`},
	} {
		if _, err := r.Apply([]Edit{c.edit}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want %s", name, err, c.want)
		}
	}
}

func TestScriptsAndOtherFiles(t *testing.T) {
	r := repository(t, map[string]string{
		"a.lua":    "-- if held then\nif held --[[ and\nmine ]] and a <= b then error('a -- held', [[ -- ]]) end\n",
		"Makefile": "all:\n\tgo test  ./... -race\n",
	})
	edited, err := r.Apply([]Edit{
		{In: "a.lua", Old: "held and", New: ""},
		{In: "a.lua", Old: "'a -- held', [[ -- ]]", New: "1"},
		{In: "Makefile", Old: "go test ./...", New: "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a.lua":    "-- if held then\nif  a <= b then error(1) end\n",
		"Makefile": "all:\n\ttrue -race\n",
	} {
		if got := string(edited[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestDeclarations: an edit finds every kind of declaration.
func TestDeclarations(t *testing.T) {
	r := repository(t, map[string]string{"p/p.go": `// Package p is
// told in two lines.
package p

const limit = 1 << 10

var (
	// first is before second.
	first  = new("a", 0)
	second = new("b", 0)
)

type pair[K comparable, V any] struct { k K; v V }

func (p *pair[K, V]) key() K { return p.k }
func (p pair[K, _]) again() K { return p.k }
func new(s string, n int) string { return s[n:] }
`})
	edited, err := r.Apply([]Edit{
		{In: "p", Decl: "limit", Old: "10", New: "20"},
		{In: "p", Decl: "second", Old: "0", New: "1"},
		{In: "p", Decl: "pair", Old: "v V", New: "v []V"},
		{In: "p", Decl: "(*pair).key", Old: "p.k", New: "*new(K)"},
		{In: "p", Decl: "pair.again", Old: "return p.k", New: "panic(0)"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"limit = 1 << 20", `first  = new("a", 0)`, `second = new("b", 1)`, "k K; v []V }", "return *new(K) }", "panic(0) }"} {
		if !strings.Contains(string(edited["p/p.go"]), want) {
			t.Errorf("without %s:\n%s", want, edited["p/p.go"])
		}
	}
}

// TestImportsAreMended: an edit may take the last use of an import away, and may use what only another
// file imports.
func TestImportsAreMended(t *testing.T) {
	r := repository(t, map[string]string{
		"go.mod": "module p\n\ngo 1.26\n",
		"p/p.go": "// Package p prints.\npackage p // at once\n\nimport (\n\t\"fmt\"\n\tr \"math/rand/v2\"\n)\n\nfunc say() { fmt.Println(r.Int()) }\n",
		"p/q.go": "package p\n\nimport (\n\t\"strings\"\n\t\"os\"\n)\n\nfunc q() string { return strings.ToUpper(os.Args[0]) }\n",
	})
	overlay, err := r.Overlay(t.TempDir(), []Edit{{In: "p", Decl: "say", Old: "fmt.Println(r.Int())", New: "_ = strings.ToLower(os.Args[0])"}})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "vet", "-overlay="+overlay, "./...")
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("with the edit: %v\n%s", err, out)
	}
}

// TestOverlayNamesEditedFiles: the working tree stays as it is.
func TestOverlayNamesEditedFiles(t *testing.T) {
	r := repository(t, map[string]string{"feed/feed.go": code})
	name, err := r.Overlay(t.TempDir(), []Edit{takeAll})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	original := filepath.Join(r.root, "feed/feed.go")
	edited, err := os.ReadFile(list.Replace[original])
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(edited), "if f.open {") {
		t.Errorf("the edited file is\n%s", edited)
	}
	if now, err := os.ReadFile(original); err != nil || string(now) != code {
		t.Errorf("the file itself has become\n%s %v", now, err)
	}
}
