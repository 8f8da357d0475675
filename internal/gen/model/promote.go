package model

// Selected finds what the selector x.name means for an x of the type, as Go does: breadth first
// through embedded structs and pointers to structs; the shallowest field wins, and two of one
// depth are none. It returns the fields on the way, the wanted one last, or nil.
func (t *Type) Selected(name string) []*Field {
	type node struct {
		t    *Type
		path []*Field
	}
	seen := map[*Type]bool{}
	for level := []node{{t: t}}; len(level) > 0; {
		var found [][]*Field
		var next []node
		for _, n := range level {
			seen[n.t] = true
		}
		for _, n := range level {
			for _, f := range n.t.Fields {
				path := append(n.path[:len(n.path):len(n.path)], f)
				if f.Name == name {
					found = append(found, path)
				}
				if inner := f.Type.Pointed(); f.Embedded && inner.Under() == Struct && !seen[inner] {
					next = append(next, node{inner, path})
				}
			}
		}
		if len(found) == 1 {
			return found[0]
		}
		if len(found) > 1 {
			return nil
		}
		level = next
	}
	return nil
}

// Pointed follows pointers: not without end, since in type P *P there is nothing else.
func (t *Type) Pointed() *Type {
	for i := 0; t.Kind == Pointer && i < 100; i++ {
		t = t.Elem
	}
	return t
}

// Under is the kind of the underlying type, as package reflect has it: what validation rules
// see. A duration is an Int64, a time a Struct, bytes are a Slice.
func (t *Type) Under() Kind {
	switch t.Kind {
	case Foreign:
		return t.ForeignKind
	case Duration:
		return Int64
	case Time:
		return Struct
	case Bytes:
		return Slice
	}
	return t.Kind
}
