package advise

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// Tags tells of structs whose fields have names in json tags alone, which the codec does not read:
// "" when there are none. It is right to have them, but mostly not meant.
func Tags(t *model.Topology) string {
	var names []string
	for _, p := range t.Packages {
		for _, e := range p.Coded() {
			if !p.Root || e.Struct == nil {
				continue
			}
			e.Struct.Find((*model.Type).Parts, func(t *model.Type) bool {
				if t.Name != "" && slices.ContainsFunc(t.Fields, namedForJSON) {
					names = append(names, t.Name)
				}
				return false
			})
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "the names in json tags are not those on the wire, where fields have their Go names unless a msgpack tag says otherwise: " + firstNames(names)
}

// firstNames lists the first three of some names, sorted and each once, and says how many more there are.
func firstNames(names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	more := ""
	if n := len(names) - 3; n > 0 {
		names, more = names[:3], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ") + more
}

// namedForJSON says that a field of this module has another name in its json tag than on the wire,
// and no msgpack tag.
func namedForJSON(f *model.Field) bool {
	tag := reflect.StructTag(f.Tag)
	_, own := tag.Lookup("msgpack")
	name, _, _ := strings.Cut(tag.Get("json"), ",")
	return !own && !f.Skip && f.Pos.IsValid() && name != "" && name != "-" && name != f.Wire
}
