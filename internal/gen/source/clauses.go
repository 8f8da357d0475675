package source

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
)

// onePackage takes the files out of a unit that are of another package than its first one, and
// tells them. The go command refuses such a folder.
func (l *loader) onePackage(u *unit) {
	u.files = slices.DeleteFunc(slices.Clone(u.files), func(f *file) bool {
		return f != u.files[0] && l.otherPackage(u, f)
	})
}

func (l *loader) otherPackage(u *unit, f *file) bool {
	first := u.files[0].ast.Name
	if len(f.syntax) > 0 || first.Name == f.ast.Name.Name || first.Name == "" {
		return false
	}
	if u.root {
		l.addDiagnostic(diag.New(diag.TwoPackages, l.positionOf(f.ast.Name.Pos()), f.ast.Name.Name, first.Name).
			WithHint("a folder is one package: move the file, or change its package clause").
			WithRelated(l.positionOf(first.Pos()), "package %s", first.Name))
	}
	return true
}
