package templates

import (
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/model"
)

// typeKey identifies a type, so that the same type from two places is met once: a named one by its name, another
// by its structure.
func typeKey(t *model.Type) string {
	var b strings.Builder
	writeKey(&b, t)
	return b.String()
}

func writeKey(b *strings.Builder, t *model.Type) {
	switch {
	case t.Name != "":
		b.WriteString(t.Path + "." + t.Name)
		for _, a := range t.Args {
			b.WriteByte('[')
			writeKey(b, a)
			b.WriteByte(']')
		}
		return
	case t.Kind == model.Struct || t.Under() == model.Struct:
		writeFieldKeys(b, t)
		return
	case t.Elem == nil:
		b.WriteString(t.Desc)
		return
	}
	b.WriteString(strconv.Itoa(int(t.Kind)) + " " + strconv.FormatInt(t.Len, 10) + " ")
	if t.Key != nil {
		writeKey(b, t.Key)
		b.WriteByte(':')
	}
	writeKey(b, t.Elem)
}

// writeFieldKeys identifies a struct without a name, by all that makes two of them one type.
func writeFieldKeys(b *strings.Builder, t *model.Type) {
	b.WriteByte('{')
	for _, f := range t.Fields {
		if !f.Exported {
			b.WriteString(f.Path + ".")
		}
		if !f.Embedded {
			b.WriteString(f.Name + " ")
		}
		writeKey(b, f.Type)
		b.WriteString(strconv.Quote(f.Tag) + ";")
	}
	b.WriteByte('}')
}
