package analyzers

import "go/types"

// refers reports whether a value of this type refers to the memory it was read from. Values of other packages
// that hide their parts, such as time.Time, are taken for plain ones; so are interfaces and functions, of which
// nothing is known.
func (cs cells) refers(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan:
		return true
	case *types.Array:
		return cs.refers(u.Elem())
	case *types.Struct:
		if cs.hidden(t, u) {
			return false
		}
		for f := range u.Fields() {
			if cs.refers(f.Type()) {
				return true
			}
		}
	}
	return false
}

// leaves returns the parts of a type that can hold a reference of any kind.
func (cs cells) leaves(t types.Type, path string) (paths []string) {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Interface, *types.Signature:
		return []string{path}
	case *types.Array:
		return cs.leaves(u.Elem(), path+elements)
	case *types.Struct:
		if cs.hidden(t, u) {
			return nil
		}
		for i := range u.NumFields() {
			paths = append(paths, cs.leaves(u.Field(i).Type(), path+step(i))...)
		}
	}
	return paths
}

// hidden says whether a struct is of another package, and has no fields that others know.
func (cs cells) hidden(t types.Type, u *types.Struct) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == cs.pkg {
		return false
	}
	for f := range u.Fields() {
		if f.Exported() {
			return false
		}
	}
	return true
}
