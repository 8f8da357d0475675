package analyzers

import "go/types"

// refersToMemory reports whether a value of this type refers to the memory it was read from. Values of other packages
// that hide their parts, such as time.Time, are taken for plain ones; so are interfaces and functions, of which
// nothing is known.
func (cs cells) refersToMemory(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan:
		return true
	case *types.Array:
		return cs.refersToMemory(u.Elem())
	case *types.Struct:
		if cs.isHidden(t, u) {
			return false
		}
		for f := range u.Fields() {
			if cs.refersToMemory(f.Type()) {
				return true
			}
		}
	}
	return false
}

// referenceLeaves returns the parts of a type that can hold a reference of any kind.
func (cs cells) referenceLeaves(t types.Type, path string) (paths []string) {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Interface, *types.Signature:
		return []string{path}
	case *types.Array:
		return cs.referenceLeaves(u.Elem(), path+elements)
	case *types.Struct:
		if cs.isHidden(t, u) {
			return nil
		}
		for i := range u.NumFields() {
			paths = append(paths, cs.referenceLeaves(u.Field(i).Type(), path+fieldStep(i))...)
		}
	}
	return paths
}

// isHidden says whether a struct is of another package, and has no exported fields.
func (cs cells) isHidden(t types.Type, u *types.Struct) bool {
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
