package model

import "slices"

// Find returns the first of t and the types in it for which is holds, or nil. inner lists what the
// search looks at in a type. Each type is looked at once, so the search ends for recursive types
// and takes one step for each type, however many fields have it.
func (t *Type) Find(inner func(*Type) []*Type, is func(*Type) bool) *Type {
	seen := map[*Type]bool{}
	var find func(*Type) *Type
	find = func(t *Type) *Type {
		switch {
		case t == nil || seen[t]:
			return nil
		case is(t):
			return t
		}
		seen[t] = true
		for _, part := range inner(t) {
			if found := find(part); found != nil {
				return found
			}
		}
		return nil
	}
	return find(t)
}

// ByValue lists the types whose values lie inside of a value of t, which two values are compared by:
// the elements of an array, the fields of a struct.
func (t *Type) ByValue() []*Type {
	switch t.Under() {
	case Array:
		return []*Type{t.Elem}
	case Struct:
		return t.fieldTypes()
	}
	return nil
}

func (t *Type) fieldTypes() []*Type {
	types := make([]*Type, len(t.Fields))
	for i, f := range t.Fields {
		types[i] = f.Type
	}
	return types
}

// Parts lists what a type is made of: its elements, keys and fields, encoded or not.
func (t *Type) Parts() []*Type { return append(t.fieldTypes(), t.Key, t.Elem) }

// hasRules says whether a struct, or one that it holds, has rules, or may have: those of an event
// are its own affair.
func (t *Type) hasRules() bool {
	return nil != t.Find((*Type).Parts, func(t *Type) bool {
		return t.Event != nil || len(t.Checks) > 0 || slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Rules != nil && !f.Rules.Ignored() })
	})
}
