package analyzers

import (
	"cmp"
	"flag"
	"go/format"
	"os"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

var update = flag.Bool("update", false, "rewrite what the fixes make of the sources")

// TestAnalyzers runs each analyzer over the package of its name, which has right and wrong
// handlers, and compares what its fixes make of it.
func TestAnalyzers(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			if *update {
				for _, r := range analysistest.Run(t, analysistest.TestData(), a, a.Name) {
					writeGolden(t, r)
				}
			}
			analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), a, a.Name)
		})
	}
}

// TestIgnored runs an analyzer over comments that silence it, and over those that silence nothing.
func TestIgnored(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), eventwrite, "ignored")
}

// TestSilenceable holds that every analyzer but lintignore can be silenced by its name.
func TestSilenceable(t *testing.T) {
	var names []string
	for _, a := range All() {
		if a != lintignore {
			names = append(names, a.Name)
		}
	}
	if !slices.Equal(names, silenceable) {
		t.Errorf("silenceable are %v, want %v", silenceable, names)
	}
}

// writeGolden applies the fixes of a package. An import that several of them add is added once.
func writeGolden(t *testing.T, r *analysistest.Result) {
	t.Helper()
	edits := map[string][]analysis.TextEdit{}
	for _, d := range r.Diagnostics {
		for _, fix := range d.SuggestedFixes {
			for _, e := range fix.TextEdits {
				name := r.Pass.Fset.Position(e.Pos).Filename
				edits[name] = append(edits[name], e)
			}
		}
	}
	for name, list := range edits {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(list, func(a, b analysis.TextEdit) int {
			return cmp.Or(cmp.Compare(b.Pos, a.Pos), cmp.Compare(string(b.NewText), string(a.NewText)))
		})
		list = slices.CompactFunc(list, func(a, b analysis.TextEdit) bool {
			return a.Pos == b.Pos && a.End == b.End && string(a.NewText) == string(b.NewText)
		})
		for _, e := range list {
			from, to := r.Pass.Fset.Position(e.Pos).Offset, r.Pass.Fset.Position(e.End).Offset
			content = slices.Replace(content, from, to, e.NewText...)
		}
		if content, err = format.Source(content); err == nil {
			err = os.WriteFile(name+".golden", content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
