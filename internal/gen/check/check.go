package check

import (
	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// checker collects the faults of a topology.
type checker struct {
	topology *model.Topology
	diags    []diag.Diagnostic
	visited  map[visit]bool              // structs that were judged
	foreign  foreign                     // mistakes in types of other modules
	rejects  map[string]*model.Directive // by import path and Go name: see rejects.go
}

// Check returns everything that is wrong with the root packages. Other packages count only
// where a root refers to them: their own mistakes are told when they are generated.
func Check(t *model.Topology) []diag.Diagnostic {
	c := &checker{topology: t, visited: map[visit]bool{}, rejects: map[string]*model.Directive{}}
	for _, p := range t.Packages {
		c.noteRejected(p)
	}
	for _, p := range t.Packages {
		if !p.Root || p.Broken {
			continue
		}
		c.checkDirectives(p)
		c.checkEvents(p)
		c.checkUpcasts(p)
		c.checkOrgans(p)
		c.checkHandlers(p)
		clear(c.visited) // what another package can't read, this one may
		c.checkShapes(p)
		c.checkDeclarations()
		c.checkNames(p)
	}
	c.uniqueEvents()
	c.checkStates()
	c.uniqueOrgans()
	c.checkChains()
	return diag.Sort(c.diags)
}

func (c *checker) addDiag(d diag.Diagnostic) { c.diags = append(c.diags, d) }
