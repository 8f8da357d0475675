package diag

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/files"
)

func TestWordAt(t *testing.T) {
	for _, c := range []struct{ line, from, want string }{
		{"//necro:event kye=ID", "//", "//necro:event"},
		{"//necro:evnt kye=ID", "evnt", "evnt"},
		{"//necro:event kye=ID x", "kye", "kye=ID"},
		{"// necro:event goes on", "//", "// necro:event"},
		{"/*necro:event*/ type", "/*", "/*necro:event*/"},
		{"/*necro:event", "/*", "/*necro:event"},
		{"\tNote string `validate:\"min=1,email\"`", "min", "min=1"},
		{"\tNote string `validate:\"min=1,email\"`", "email", "email"},
		{"\tNote string `validate:\"min=1\"`", "`", "`validate:\"min=1\"`"},
		{"\tNote string \"validate:\\\"min\\\"\"", "min", "min"},
		{"\tLegs []Leg", "Legs", "Legs"},
		{"func (b *Billing) Charge(ctx context.Context, o *shop.Order) error", "*shop", "*shop.Order"},
		{"func (b *Billing) Charge(ctx context.Context, o *shop.Order) error", "Charge", "Charge"},
		{"x := `open", "`", "`open"},
		{"a  b", "  b", " "},
	} {
		at := strings.Index(c.line, c.from)
		if got := c.line[at : at+wordAt([]byte(c.line), at)]; got != c.want {
			t.Errorf("%s: got %q, want %q", c.line, got, c.want)
		}
	}
	if got := wordAt([]byte("abc"), 3); got != 1 {
		t.Errorf("behind the end: %d", got)
	}
}

// TestSource shows the word below its line, whatever stands before it there.
func TestSource(t *testing.T) {
	long := "\tNote string `json:\"" + strings.Repeat("long", 1000) + "\" validate:\"requird," + strings.Repeat("a", 1000) + "\"`"
	for _, c := range []struct{ line, word, want string }{
		{"\tNote\tstring `validate:\"requird\"`\r", "requird", `
	2 | Note string ` + "`validate:\"requird\"`" + `
	  |                        ^^^^^^^
`},
		{"var größe = \"東京\" // requird", "requird", `
	2 | var größe = "東京" // requird
	  |                       ^^^^^^^
`},
		{"\x1b[31m\xff requird", "requird", `
	2 | �[31m� requird
	  |        ^^^^^^^
`},
		{"requird", "", `
	2 | requird
	  | ^^^^^^^
`},
		{long, "requird", `
	2 | …` + strings.Repeat("long", 1000)[4000-47:] + `" validate:"requird,` + strings.Repeat("a", 31) + `…
	  |                                                             ^^^^^^^
`},
	} {
		file := filepath.Join(t.TempDir(), "a.go")
		if err := os.WriteFile(file, []byte("\uFEFFpackage a\n"+c.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		pos := at(file, 2, strings.Index(c.line, c.word)+1)
		if err := Text(&b, filepath.Dir(file), Style{Source: true}, []Diagnostic{New(UnknownRule, pos, "requird")}); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), "\n")
		got, more := strings.CutSuffix(got, "\nnecrogen explain NC100 tells more, with an example\n")
		if !more || "\n"+got != strings.ReplaceAll(c.want, `\ufffd`, "\uFFFD") {
			t.Errorf("got\n%s\nwant%s", got, c.want)
		}
	}
}

// TestNoSource: a file that is gone, that became shorter, or that is not source has no line.
func TestNoSource(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(file, []byte("package a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, pos := range [][2]int{{0, 0}, {9, 1}, {1, 99}} {
		if _, ok := (sources{}).lineAt(at(file, pos[0], pos[1])); ok {
			t.Errorf("%v has a line", pos)
		}
	}
	if _, ok := (sources{}).lineAt(at(file+"x", 1, 1)); ok {
		t.Error("a file that is not there has a line")
	}
}

// TestColour: colours add nothing that is not taken away with them.
func TestColour(t *testing.T) {
	ds := []Diagnostic{
		New(UnknownRule, at("a.go", 1, 2), "x\x1b[1my\nz").WithHint("h").WithRelated(at("b.go", 1, 1), "r"),
	}
	var plain, colored bytes.Buffer
	for _, err := range []error{Text(&plain, "", Style{}, ds), Text(&colored, "", Style{Color: true}, ds)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(plain.String(), "\x1b") || strings.Count(plain.String(), "\n") != 3 {
		t.Errorf("plain text is not plain: %q", plain.String())
	}
	want := "\x1b[1ma.go:1:2\x1b[0m: \x1b[31mNC100\x1b[0m: unknown rule \"x\\x1b[1my\\nz\"\n" +
		"\t\x1b[36mhint: h\x1b[0m\n\t\x1b[1mb.go:1:1\x1b[0m: r\n"
	if colored.String() != want {
		t.Errorf("got %q, want %q", colored.String(), want)
	}
}

func TestJSON(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shop", "a.go")
	files.Write(t, file, "//necro:evnt <x>\n")
	ds := []Diagnostic{
		New(UnknownVerb, at(file, 1, 9), "evnt").WithHint("did you mean <event>?").
			WithPath(Step{"Order", ""}, Step{".Legs", "[]Leg"}).WithRelated(at("/b.go", 3, 4), "here"),
		New(NotLoaded, at("", 0, 0), "p", "no"),
	}
	const want = `[
	{
		"code": "NC002",
		"message": "cannot load p: no"
	},
	{
		"code": "NC010",
		"file": "shop/a.go",
		"line": 1,
		"column": 9,
		"endColumn": 13,
		"message": "unknown directive //necro:evnt",
		"hint": "did you mean <event>?",
		"path": [
			{
				"name": "Order"
			},
			{
				"name": ".Legs",
				"type": "[]Leg"
			}
		],
		"related": [
			{
				"file": "/b.go",
				"line": 3,
				"column": 4,
				"message": "here"
			}
		]
	}
]
`
	var b bytes.Buffer
	if err := JSON(&b, dir, ds); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("\tNote string `validate:\"requird\"`", 24)
	f.Add("/*necro:event", 0)
	f.Add("\xff東京\uFEFF", 1)
	f.Fuzz(func(t *testing.T, line string, at int) {
		if at < 0 || at > len(line) {
			return
		}
		shown, before, width := excerptLine([]byte(line), at)
		if before > maxBefore || width > maxShown || before+width > countColumns(shown)+1 {
			t.Errorf("%q: %d columns, then %d", shown, before, width)
		}
	})
}
