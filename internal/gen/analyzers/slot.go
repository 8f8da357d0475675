package analyzers

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// slots are the addresses of the parts of an organ in a function that is given the organ, or the
// address of a part of it.
type slots struct {
	param  *ssa.Parameter
	prefix string // what the function is given: "" for the organ, "2/" for its third field
}

// addressSlot returns which part of the organ an address is that of.
func (s *slots) addressSlot(addr ssa.Value) (path string, ok bool) {
	switch a := addr.(type) {
	case *ssa.Parameter:
		return s.prefix, a == s.param
	case *ssa.FieldAddr:
		path, ok = s.addressSlot(a.X)
		return path + fieldStep(a.Field), ok
	case *ssa.IndexAddr:
		if _, isArray := a.X.Type().Underlying().(*types.Pointer); isArray {
			path, ok = s.addressSlot(a.X)
		} else {
			path, ok = s.contentSlot(a.X)
		}
		return path + elements, ok
	case *ssa.UnOp: // a variable that closures share
		if cell, path := cellOf(a.X); cell != nil && path == "" && a.Op == token.MUL {
			return s.prefix, onlyStored(cell) == s.param
		}
	}
	return "", false
}

// contentSlot returns which part of the organ a map or slice was read from.
func (s *slots) contentSlot(v ssa.Value) (path string, ok bool) {
	switch v := v.(type) {
	case *ssa.UnOp:
		if path, ok = s.addressSlot(v.X); ok && path != "" && v.Op == token.MUL {
			return path, true
		}
	case *ssa.Slice:
		return s.contentSlot(v.X)
	case *ssa.ChangeType:
		return s.contentSlot(v.X)
	}
	return "", false
}

// onlyStored returns the only value that is ever put into a variable.
func onlyStored(a *ssa.Alloc) ssa.Value {
	c := &cell{}
	c.collectUses(a, "")
	if len(c.stores) != 1 {
		return nil
	}
	return c.stores[0].value
}

// fieldName returns the name of the organ's field that a path begins with.
func (s *slots) fieldName(recv *ssa.Parameter, path string) string {
	first, _, _ := strings.Cut(path, "/")
	i, err := strconv.Atoi(first)
	if u, ok := pointedType(recv.Type()).Underlying().(*types.Struct); ok && err == nil && i < u.NumFields() {
		return u.Field(i).Name()
	}
	return first
}
