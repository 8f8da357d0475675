package source

import "go/types"

// zeroMethods says whether T, or else *T, has IsZero() bool.
func zeroMethods(t types.Type) (value, pointer bool) {
	fn := methodOf(t, "IsZero")
	if fn == nil || signatureOf(fn) != "func() bool" {
		return false, false
	}
	value = types.NewMethodSet(t).Lookup(nil, "IsZero") != nil
	return value, !value
}

// judgedBy says whether the type has methods by which the reference judges it instead of its
// value: String() string on the value, and ValidatorValue() any.
func judgedBy(named *types.Named) (stringer, valuer bool) {
	text, value := methodOf(named, "String"), methodOf(named, "ValidatorValue")
	stringer = text != nil && signatureOf(text) == "func() string" && !isPointerMethod(text)
	return stringer, value != nil && signatureOf(value) == "func() any"
}

// timeLike says whether a type can be converted to time.Time: it has its fields.
func timeLike(t types.Type) bool {
	s, ok := t.(*types.Struct)
	return ok && s.NumFields() == 3 && s.Field(0).Name() == "wall" &&
		s.Field(0).Pkg() != nil && s.Field(0).Pkg().Path() == "time"
}

// methodOf returns an exported method of *T, also one that is promoted from an embedded type;
// nil when there is none.
func methodOf(t types.Type, name string) *types.Func { return methodIn(t, nil, name) }

// methodIn returns a method of *T that may be unexported: it is one of that package alone.
func methodIn(t types.Type, pkg *types.Package, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, pkg, name)
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
	plain := types.NewSignatureType(nil, nil, nil, withoutNames(sig.Params()), withoutNames(sig.Results()), sig.Variadic())
	return types.TypeString(plain, nil)
}

func withoutNames(t *types.Tuple) *types.Tuple {
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
