package diag

import (
	"cmp"
	"go/token"
	"slices"
)

// Sort orders diagnostics by place, then code and message, and leaves out repetitions:
// a file that belongs to a package and to its test unit is read twice.
func Sort(ds []Diagnostic) []Diagnostic {
	ds = slices.Clone(ds)
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			comparePos(a.Pos, b.Pos),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool {
		return comparePos(a.Pos, b.Pos) == 0 && a.Code == b.Code && a.Message == b.Message
	})
}

func comparePos(a, b token.Position) int {
	return cmp.Or(
		cmp.Compare(a.Filename, b.Filename),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
	)
}
