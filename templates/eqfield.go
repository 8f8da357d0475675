package templates

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/necrostack/necrogen/internal/spec"
)

// eqField compares with another field of the struct: of the same kind, or it is always
// broken. Slices, arrays and maps are compared by length, as the reference does.
func (l *level) eqField(r *spec.Rule, t *spec.Type, at place) check {
	c := check{message: "must equal " + r.Param}
	other, found := l.other(r.Param)
	if !found {
		return c
	}
	c.message = "must equal " + other.wire
	if reflectKind(other.typ) != reflectKind(t) {
		return c
	}
	differs := l.differs(t, at, other.typ, other.at)
	switch {
	case differs == nil && other.missing == nil:
		c.never = true
	case differs == nil:
		c.broken = other.missing
	case other.missing == nil:
		c.broken = differs
	default:
		c.broken = other.missing.Op("||").Add(differs)
	}
	return c
}

// reference is a field that a cross-field rule names.
type reference struct {
	typ     *spec.Type
	at      place
	wire    string         // its path on the wire
	missing *jen.Statement // nil pointers on the way; nil when there can be none
}

// other finds a field by its Go path: "Total", or "Price.Amount".
func (l *level) other(path string) (reference, bool) {
	ref := reference{typ: l.parent, at: receiver()}
	for name := range strings.SplitSeq(path, ".") {
		f := promoted(ref.typ, name)
		if f == nil {
			return ref, false
		}
		if ref.wire != "" {
			ref.wire += "."
		}
		ref.wire += fieldPath(f)
		ref.typ, ref.at = f.Type, ref.at.field([]string{name})
		ref.follow()
	}
	return ref, true
}

// follow goes through pointers.
func (ref *reference) follow() {
	for ; ref.typ.Kind == spec.Pointer; ref.typ = ref.typ.Elem {
		isNil := ref.at.value().Op("==").Nil()
		if ref.missing == nil {
			ref.missing = isNil
		} else {
			ref.missing.Op("||").Add(isNil)
		}
		ref.at = ref.at.deref()
	}
}

// promoted finds a field of a struct, or of a struct that is embedded in it by value.
func promoted(t *spec.Type, name string) *spec.Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	for _, f := range t.Fields {
		if f.Embedded && f.Type.Kind == spec.Struct {
			if inner := promoted(f.Type, name); inner != nil {
				return inner
			}
		}
	}
	return nil
}

// differs compares two values of one kind; nil says that the reference takes them for equal.
func (l *level) differs(t *spec.Type, at place, ot *spec.Type, other place) *jen.Statement {
	switch t.Kind {
	case spec.Slice, spec.Map, spec.Bytes, spec.Array:
		return jen.Len(at.value()).Op("!=").Len(other.value())
	case spec.Time:
		return jen.Op("!").Add(at.operand()).Dot("Equal").Call(other.value())
	case spec.Struct:
		if typeKey(t) == typeKey(ot) {
			return nil
		}
		return jen.True()
	}
	if t.Path == ot.Path && t.Name == ot.Name {
		return at.value().Op("!=").Add(other.value())
	}
	name := basic[reflectKind(t)].goName
	return converted(t, name, at.value()).Op("!=").Add(converted(ot, name, other.value()))
}

// reflectKind is the kind as package reflect has it: a duration is an int64, a time a struct.
func reflectKind(t *spec.Type) spec.Kind {
	switch t.Kind {
	case spec.Duration:
		return spec.Int64
	case spec.Bytes:
		return spec.Slice
	case spec.Time:
		return spec.Struct
	}
	return t.Kind
}
