package advise

import (
	"maps"
	"slices"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Sharing names structs of this module that several packages hold, each with a codec of its own: "" when there are none.
func Sharing(t *model.Topology) string {
	holders := map[string]int{}
	for _, p := range t.Packages {
		if !p.Root || p.Test {
			continue
		}
		for _, name := range repeatedStructs(p) {
			holders[name]++
		}
	}
	maps.DeleteFunc(holders, func(_ string, n int) bool { return n < 2 })
	if len(holders) == 0 {
		return ""
	}
	return "several packages have a codec of their own for " + firstNames(slices.Collect(maps.Keys(holders))) +
		": with //necro:codec above a struct, all call the one in its own package"
}

// repeatedStructs returns the structs of the module, by name, for which the file of a package has a codec that its own
// package could share.
func repeatedStructs(p *model.Package) []string {
	var names []string
	written := func(t *model.Type) []*model.Type {
		if t.SharedWith(p) || t.Kind == model.Foreign {
			return nil
		}
		return t.Parts()
	}
	for _, root := range p.Encoded() {
		root.Find(written, func(t *model.Type) bool {
			if t.Kind == model.Struct && t.Name != "" && t.Module == p.Module && t.Event == nil && !t.Shared && len(t.Args) == 0 {
				names = append(names, t.Desc)
			}
			return false
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}
