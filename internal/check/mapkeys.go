package check

import (
	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// key judges the type of a map's keys. A key must come back as the value that it was.
func (w walk) key(t *spec.Type) {
	if bad := identity(t); bad != nil {
		what := t.Desc
		if bad != t {
			what += ", which holds " + bad.Desc
		}
		w.tell(diag.New(diag.MapKey, w.pos, w.path, what).WithHint("%s", keyHint(bad)))
		return
	}
	w.value(t, false)
}

// identity finds the part of a key whose meaning is lost on the way: a pointer that equals no
// other, an interface whose type is forgotten. It is nil when there is none.
func identity(t *spec.Type) *spec.Type {
	switch t.Kind {
	case spec.Pointer, spec.Any, spec.Error:
		return t
	case spec.Array:
		return identity(t.Elem)
	case spec.Struct:
		for _, f := range t.Fields {
			if f.Skip {
				continue
			}
			if bad := identity(f.Type); bad != nil {
				return bad
			}
		}
	}
	return nil
}

func keyHint(t *spec.Type) string {
	if t.Kind == spec.Pointer {
		return "a pointer that is read equals no other, so the key can't be looked up: take " + t.Elem.Desc
	}
	return "its type is forgotten on the way, so the key can't be looked up: take string"
}
