package source

import (
	"go/types"

	"github.com/necrostack/necrogen/internal/gen/model"
)

const (
	msgpackPath = "github.com/vmihailenco/msgpack/v5"

	marshalSignature   = "func() ([]byte, error)"
	unmarshalSignature = "func([]byte) error"
)

// marshalMethod is a method with which a type encodes itself.
type marshalMethod struct {
	name, signature string
	method          model.Method
}

// encoders and decoders stand in the order in which the reference codec asks for them.
var (
	encoders = []marshalMethod{
		{"EncodeMsgpack", "func(*" + msgpackPath + ".Encoder) error", model.Custom},
		{"MarshalMsgpack", marshalSignature, model.Marshal},
		{"MarshalBinary", marshalSignature, model.BinaryMethod},
		{"MarshalText", marshalSignature, model.TextMethod},
	}
	decoders = []marshalMethod{
		{"DecodeMsgpack", "func(*" + msgpackPath + ".Decoder) error", model.Custom},
		{"UnmarshalMsgpack", unmarshalSignature, model.Marshal},
		{"UnmarshalBinary", unmarshalSignature, model.BinaryMethod},
		{"UnmarshalText", unmarshalSignature, model.TextMethod},
	}
)

// marshalersOf says which encodings a type brings along. The reference codec asks for each of the methods by
// itself, so one of a pair is enough to change the bytes.
func marshalersOf(t types.Type) model.Marshalers {
	var m model.Marshalers
	m.Encode, m.PointerEncode, m.OnValue = chooseMethods(t, encoders)
	m.Decode, m.PointerDecode, _ = chooseMethods(t, decoders)
	text := methodOf(t, "MarshalText")
	m.Text = text != nil && signatureOf(text) == marshalSignature
	if named, ok := t.(*types.Named); ok && named.Obj().Pkg() != nil {
		m.Raw = named.Obj().Pkg().Path() == msgpackPath && named.Obj().Name() == "RawMessage"
	}
	return m
}

// chooseMethods returns the method that the reference takes for a value and the one for a pointer, and
// whether the former belongs to the value.
func chooseMethods(t types.Type, methods []marshalMethod) (value, pointer model.Method, onValue bool) {
	var set *types.MethodSet // of the value: only asked for where there is something to find
	for _, m := range methods {
		fn := methodOf(t, m.name)
		if fn == nil || signatureOf(fn) != m.signature {
			continue
		}
		if pointer == model.NoMethod {
			pointer = m.method
		}
		if set == nil {
			set = types.NewMethodSet(t)
		}
		if !onValue && set.Lookup(nil, m.name) != nil {
			value, onValue = m.method, true
		}
	}
	if !onValue {
		value = pointer
	}
	return value, pointer, onValue
}
