package load

import (
	"go/types"

	"github.com/necrostack/necrogen/internal/spec"
)

// marshalers says which encodings a named type brings along. The reference codec asks for each
// of these methods by itself, so one of a pair is enough to change what is written or read.
func marshalers(named *types.Named) spec.Marshalers {
	const (
		marshal   = "func() ([]byte, error)"
		unmarshal = "func([]byte) error"
		encode    = "func(*github.com/vmihailenco/msgpack/v5.Encoder) error"
		decode    = "func(*github.com/vmihailenco/msgpack/v5.Decoder) error"
	)
	var m spec.Marshalers
	writes := func(name, signature string) bool {
		fn := method(named, name)
		found := fn != nil && signatureOf(fn) == signature
		m.Pointer = m.Pointer || found && isPointerMethod(fn)
		return found
	}
	reads := func(name, signature string) bool {
		fn := method(named, name)
		return fn != nil && signatureOf(fn) == signature
	}
	m.Msgpack = writes("EncodeMsgpack", encode) || reads("DecodeMsgpack", decode) ||
		writes("MarshalMsgpack", marshal) || reads("UnmarshalMsgpack", unmarshal)
	m.Binary = writes("MarshalBinary", marshal) || reads("UnmarshalBinary", unmarshal)
	m.Text = writes("MarshalText", marshal) || reads("UnmarshalText", unmarshal)
	return m
}

// zeroMethods says whether T, or else *T, has IsZero() bool.
func zeroMethods(named *types.Named) (value, pointer bool) {
	fn := method(named, "IsZero")
	if fn == nil || signatureOf(fn) != "func() bool" {
		return false, false
	}
	return !isPointerMethod(fn), isPointerMethod(fn)
}

// method returns a method of *T, also one that is promoted from an embedded type; nil when
// there is none.
func method(named *types.Named, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, named.Obj().Pkg(), name)
	fn, _ := obj.(*types.Func)
	return fn
}

func isPointerMethod(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	if recv == nil {
		return false
	}
	_, ok := recv.Type().(*types.Pointer)
	return ok
}

// signatureOf writes a method's type with full paths and without the names of its parameters.
func signatureOf(fn *types.Func) string {
	sig := fn.Signature()
	plain := types.NewSignatureType(nil, nil, nil, unnamed(sig.Params()), unnamed(sig.Results()), sig.Variadic())
	return types.TypeString(plain, nil)
}

func unnamed(t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		vars[i] = types.NewParam(0, nil, "", t.At(i).Type())
	}
	return types.NewTuple(vars...)
}

// exportedMethods lists the names of a type's own exported methods.
func exportedMethods(named *types.Named) []string {
	var names []string
	for i := range named.NumMethods() {
		if m := named.Method(i); m.Exported() {
			names = append(names, m.Name())
		}
	}
	return names
}
