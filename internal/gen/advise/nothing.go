package advise

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/tree"
)

// Nothing says why there is nothing to generate, or "" when there is something. It is for
// people who type the command in the wrong folder, or before they have annotated anything.
func Nothing(dir string, patterns []string, t *model.Topology) string {
	roots := 0
	for _, p := range t.Packages {
		if p.Root && p.Generates() {
			return ""
		}
		if p.Root {
			roots++
		}
	}
	if roots == 0 {
		return fmt.Sprintf("nothing to do: no packages in %s", strings.Join(patterns, " "))
	}
	note := "nothing to generate: no //necro:event or //necro:organ in " + strings.Join(named(patterns), " ")
	if isDefault(patterns) && packagesBelow(dir) {
		note += "; for the packages below: necrogen ./..."
	}
	return note
}

// Unloaded adds hints to diagnostics about a folder without Go files.
func Unloaded(dir string, patterns []string, ds []diag.Diagnostic) []diag.Diagnostic {
	if !isDefault(patterns) || hasGoFiles(dir) {
		return ds
	}
	ds = slices.Clone(ds)
	for i, d := range ds {
		switch {
		case d.Code != diag.NotLoaded || d.Hint != "":
		case packagesBelow(dir):
			ds[i] = d.WithHint("for the packages below: necrogen ./...")
		default:
			ds[i] = d.WithHint("necrogen init writes a first program")
		}
	}
	return ds
}

// NoPackage says whether the only pattern is a bare word that is no package: a misspelt verb.
func NoPackage(patterns []string, ds []diag.Diagnostic) bool {
	if len(patterns) == 0 || strings.ContainsAny(patterns[0], `./\`) {
		return false
	}
	prefix := diag.New(diag.NotLoaded, token.Position{}, patterns[0], "").Message
	return slices.ContainsFunc(ds, func(d diag.Diagnostic) bool {
		return d.Code == diag.NotLoaded && strings.HasPrefix(d.Message, prefix)
	})
}

func named(patterns []string) []string {
	if len(patterns) == 0 {
		return []string{"the package of this folder"}
	}
	return patterns
}

func isDefault(patterns []string) bool {
	return len(patterns) == 0 || len(patterns) == 1 && patterns[0] == "."
}

// hasGoFiles says whether there are Go files in the folder itself.
func hasGoFiles(dir string) bool {
	for _, entries := range tree.Folders(dir) {
		return slices.ContainsFunc(entries, tree.IsGo)
	}
	return false
}

// packagesBelow says whether ./... finds Go files in another folder.
func packagesBelow(dir string) bool {
	for folder, entries := range tree.Folders(dir) {
		if folder != dir && slices.ContainsFunc(entries, tree.IsGo) {
			return true
		}
	}
	return false
}
