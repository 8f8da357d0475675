package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// methodNames are the methods of each family: one that encodes, one that decodes.
var methodNames = map[model.Method][2]string{
	model.Custom:       {"EncodeMsgpack", "DecodeMsgpack"},
	model.Marshal:      {"MarshalMsgpack", "UnmarshalMsgpack"},
	model.BinaryMethod: {"MarshalBinary", "UnmarshalBinary"},
	model.TextMethod:   {"MarshalText", "UnmarshalText"},
}

// judgeMarshaler judges a type that encodes itself: what one method writes another must read.
func (w walk) judgeMarshaler(t *model.Type, pointer bool) {
	m := t.Marshalers
	encode, decode := m.Encode, m.Decode
	if pointer {
		encode, decode = m.PointerEncode, m.PointerDecode
	}
	writer, reader := methodNames[encode][0], methodNames[decode][1]
	var problem, add string
	switch {
	case decode == model.NoMethod:
		add = methodNames[encode][1]
		problem = t.Desc + " has " + writer + ", but no " + add
	case encode == model.NoMethod:
		add = methodNames[decode][0]
		problem = t.Desc + " has " + reader + ", but no " + add
	case !areOneFamily(encode, decode):
		add = methodNames[encode][1]
		problem = t.Desc + " is written by " + writer + ", but read by " + reader
	default:
		w.addReplaced(t, writer)
		return
	}
	hint := "add " + add + " to it"
	if t.Path != "" && !w.isFromSource(t.Path) {
		hint = "the type belongs to another module: wrap it in one of your own that has both"
	}
	w.addWithWay(diag.New(diag.HalfMarshaler, w.pos, w.path, problem).WithHint("%s", hint))
}

// areOneFamily says whether what one method writes is for the other: both of msgpack's own families
// hold encoded values.
func areOneFamily(encode, decode model.Method) bool {
	return encode == decode || encode <= model.Marshal && decode <= model.Marshal
}

// isFromSource says whether a package's source can be changed: it was loaded from it.
func (c *checker) isFromSource(path string) bool {
	return slices.ContainsFunc(c.topology.Packages, func(p *model.Package) bool { return p.Path == path })
}

// addReplaced reports a struct that an embedded field encodes, so that its other fields are lost.
func (w walk) addReplaced(t *model.Type, method string) {
	if t.ForeignKind != model.Struct || slices.Contains(t.Methods, method) {
		return
	}
	var from *model.Field
	others := 0
	for _, f := range t.Fields {
		switch {
		case f.Skip:
		case f.Embedded && from == nil && encodesItself(f.Type):
			from = f
		default:
			others++
		}
	}
	if from == nil || others == 0 {
		return
	}
	w.addWithWay(diag.New(diag.EmbedMarshaler, w.pos, from.Type.Desc, w.path).
		WithHint("give the field a name: %s %s", from.Name, from.Type.Desc))
}
