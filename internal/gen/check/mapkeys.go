package check

import (
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// judgeMapKey judges the type of a map's keys. A key must come back as the value that it was.
func (w walk) judgeMapKey(t *model.Type) {
	if bad := lostIdentity(t); bad != nil {
		what := t.Desc
		if bad != t {
			what += ", which holds " + bad.Desc
		}
		w.addWithWay(diag.New(diag.MapKey, w.pos, w.path, what).WithHint("%s", keyHint(bad)))
		return
	}
	w.judgeValue(t, false)
}

// lostIdentity finds the part of a key whose meaning is lost on the way: a pointer that equals no
// other, an interface whose type is forgotten. It is nil when there is none.
func lostIdentity(t *model.Type) *model.Type {
	return t.Find(encodedByValue, func(t *model.Type) bool {
		return t.Kind == model.Pointer || t.Kind == model.Any || t.Kind == model.Error
	})
}

// encodedByValue lists the values inside of a value that are encoded with it.
func encodedByValue(t *model.Type) []*model.Type {
	switch t.Kind {
	case model.Array:
		return []*model.Type{t.Elem}
	case model.Struct:
		var parts []*model.Type
		for _, f := range t.Fields {
			if !f.Skip {
				parts = append(parts, f.Type)
			}
		}
		return parts
	}
	return nil
}

func keyHint(t *model.Type) string {
	if t.Kind == model.Pointer {
		return "a pointer that is read equals no other, so the key can't be looked up: take " + t.Elem.Desc
	}
	return "its type is forgotten on the way, so the key can't be looked up: take string"
}
