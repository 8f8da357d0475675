package cases

import (
	"context"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/source"
	"github.com/necrostack/necrogen/internal/testkit/files"
)

// marked are sources in which a ‹ stands before every word that a diagnostic is about.
var marked = map[string]string{
	"tabs": `package p

//necro:event	kept	‹kye=ID
type A	struct {
	ID	string	` + "`json:\"id\" msgpack:\"id\"`" + `
}

	//necro:‹evnt
	type B struct{ ID string }
`,
	"words": `package p

//necro:event key=‹Ib alias=OK,‹2ND
type A struct {
	ID    string
	Größe string ` + "`msgpack:\"größe,‹omitemtpy\" validate:\"min=1,‹mx=2\"`" + `
	/* 東京 */ Note string ` + "`validate:\"‹requird\"`" + `
}

/* 東京 */ type (
	‹// necro:event
	B struct{ ID string }
)
`,
	"escapes": `package p

//necro:event
type A struct {
	X string "msgpack:\"\u00e9\" validate:\"‹requird,‹\x6din=x\""
	Y string "json:\"\x20\" validate:\"min=1,‹\u0061lphaa\""
}
`,
	"line": `package p

//line other.y:100
//necro:‹evnt
type A struct{ X int }

/*line other.y:200:30*/ //necro:‹evnt
type B struct{ X int }

//line /elsewhere/other.go:7
//necro:event
type C struct {
	X string ` + "`validate:\"‹requird\"`" + `
	‹Y Missing
}
`,
	"long": `package p

//necro:event ` + strings.Repeat("A", 100) + ` ‹` + strings.Repeat("b", 100_000) + `
type A struct { X string ` + "`json:\"" + strings.Repeat("x", 100_000) + "\" validate:\"‹requird\"`" + ` }
`,
	"constraint": `//go:build !never

package p

‹//necro:event
type A struct{ X int }
`,
	"no constraint": `/*
//go:build never
*/
package p

//necro:‹evnt
type A struct{ X int }
`,
	"clause": `‹//necro:event
package p
`,
	"syntax": `package p

//line other.y:100
//necro:event
type A struct{ X int ‹]
`,
}

// TestPositions moves the sources about in the ways of editors and generators. The diagnostics
// still stand at the words, in bytes of the file that a user changes.
func TestPositions(t *testing.T) {
	root := module(t)
	want := map[string][]string{}
	for name, change := range map[string]func(string) string{
		"plain": func(s string) string { return s },
		"crlf":  func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"bom":   func(s string) string { return "\uFEFF" + s },
		"both":  func(s string) string { return "\uFEFF" + strings.ReplaceAll(s, "\n", "\r\n") },
		"end":   func(s string) string { return strings.TrimSuffix(s, "\n") },
	} {
		for source, text := range marked {
			path := filepath.Join(root, name, strings.ReplaceAll(source, " ", "_"), "a.go")
			plain, places := unmark(change(text))
			want[path] = places
			files.Write(t, path, []byte(plain))
		}
	}
	topology, diags, err := source.Load(context.Background(), root, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, p := range topology.Packages {
		_, own := judge(topology, diags, p.Dir)
		for _, d := range own {
			got[d.Pos.Filename] = append(got[d.Pos.Filename], place(d.Pos))
		}
	}
	for path, places := range want {
		slices.Sort(got[path])
		if !slices.Equal(slices.Compact(got[path]), places) {
			_, own := judge(topology, diags, filepath.Dir(path))
			t.Errorf("%s: want %v, got\n%s", path, places, text(t, root, own))
		}
	}
}

// unmark takes the marks out of a text and says where they stood.
func unmark(text string) (plain string, places []string) {
	for i, line := range strings.SplitAfter(text, "\n") {
		for {
			before, after, found := strings.Cut(line, "‹")
			if !found {
				break
			}
			line = before + after
			places = append(places, place(token.Position{Line: i + 1, Column: len(before) + 1}))
		}
		plain += line
	}
	slices.Sort(places)
	return plain, places
}

func place(p token.Position) string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }
