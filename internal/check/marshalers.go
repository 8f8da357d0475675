package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// methodNames are the methods of each family: one that encodes, one that decodes.
var methodNames = map[spec.Method][2]string{
	spec.Custom:       {"EncodeMsgpack", "DecodeMsgpack"},
	spec.Marshal:      {"MarshalMsgpack", "UnmarshalMsgpack"},
	spec.BinaryMethod: {"MarshalBinary", "UnmarshalBinary"},
	spec.TextMethod:   {"MarshalText", "UnmarshalText"},
}

// judgeMarshaler judges a type that encodes itself: what one method writes another must read.
func (w walk) judgeMarshaler(t *spec.Type, pointer bool) {
	m := t.Marshalers
	encode, decode := m.Encode, m.Decode
	if pointer {
		encode, decode = m.PointerEncode, m.PointerDecode
	}
	writer, reader := methodNames[encode][0], methodNames[decode][1]
	var problem, add string
	switch {
	case decode == spec.NoMethod:
		add = methodNames[encode][1]
		problem = t.Desc + " has " + writer + ", but no " + add
	case encode == spec.NoMethod:
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
func areOneFamily(encode, decode spec.Method) bool {
	return encode == decode || encode <= spec.Marshal && decode <= spec.Marshal
}

// isFromSource says whether a package's source can be changed: it was loaded from it.
func (c *checker) isFromSource(path string) bool {
	return slices.ContainsFunc(c.topology.Packages, func(p *spec.Package) bool { return p.Path == path })
}

// addReplaced reports a struct that an embedded field encodes, so that its other fields are lost.
func (w walk) addReplaced(t *spec.Type, method string) {
	if t.ForeignKind != spec.Struct || slices.Contains(t.Methods, method) {
		return
	}
	var from *spec.Field
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
