package analyzers

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// cells are the local variables that live in memory: structs, and what closures share. They are
// looked at without regard to the order of what happens to them, so a reference is known to be
// in one only when nothing else is ever put in its place.
type cells struct {
	pkg   *types.Package // that is looked at
	known map[*ssa.Alloc]*cell
}

type cell struct {
	stores []stored
	lent   []string // parts whose address was given away
}

// stored is a value that is put into a part of a cell.
type stored struct {
	path  string // "" for all of it; "2/" for the third field; "2/[]/" for the elements of that
	value ssa.Value
}

// cellOf returns the local variable that an address is in, and the part of it.
func cellOf(addr ssa.Value) (*ssa.Alloc, string) {
	switch a := addr.(type) {
	case *ssa.Alloc:
		return a, ""
	case *ssa.FieldAddr:
		c, path := cellOf(a.X)
		return c, path + fieldStep(a.Field)
	case *ssa.IndexAddr:
		if _, ok := a.X.Type().Underlying().(*types.Pointer); ok {
			c, path := cellOf(a.X)
			return c, path + elements
		}
	case *ssa.FreeVar:
		if b := boundValue(a); b != nil {
			return cellOf(b)
		}
	}
	return nil, ""
}

const elements = "[]/"

func fieldStep(field int) string { return fmt.Sprintf("%d/", field) }

// partHas says whether a part of a cell, of type t, has a reference that is found.
func (cs cells) partHas(a *ssa.Alloc, path string, t types.Type, found func(ssa.Value) bool) bool {
	c := cs.known[a]
	if c == nil {
		c = &cell{}
		c.collectUses(a, "")
		cs.known[a] = c
	}
	for _, leaf := range cs.referenceLeaves(t, path) {
		if c.allFound(leaf, found) {
			return true
		}
	}
	return false
}

// allFound says whether a reference in a cell can only be one that is found.
func (c *cell) allFound(leaf string, found func(ssa.Value) bool) bool {
	for _, l := range c.lent {
		if strings.HasPrefix(leaf, l) {
			return false
		}
	}
	var values []ssa.Value
	for _, s := range c.stores {
		if strings.HasPrefix(leaf, s.path) {
			values = append(values, s.value)
		}
	}
	return allHold(values, found)
}

// collectUses finds the uses of an address in the function of the cell and in the function literals in it.
func (c *cell) collectUses(addr ssa.Value, path string) {
	for _, in := range *addr.Referrers() {
		switch in := in.(type) {
		case *ssa.Store:
			if in.Addr == addr {
				c.stores = append(c.stores, stored{path, in.Val})
			}
		case *ssa.FieldAddr:
			c.collectUses(in, path+fieldStep(in.Field))
		case *ssa.IndexAddr:
			c.collectUses(in, path+elements)
		case *ssa.MakeClosure:
			for i, b := range in.Bindings {
				if b == addr {
					c.collectUses(in.Fn.(*ssa.Function).FreeVars[i], path)
				}
			}
		case ssa.CallInstruction:
			c.lent = append(c.lent, path)
		}
	}
}
