package check

import (
	"github.com/necrostack/necrogen/internal/diag"
	"github.com/necrostack/necrogen/internal/spec"
)

// checker collects what is wrong with a topology.
type checker struct {
	topology *spec.Topology
	diags    []diag.Diagnostic
}

// Check returns everything that is wrong with the root packages. Other packages count only
// where a root refers to them: their own mistakes are told when they are generated.
func Check(t *spec.Topology) []diag.Diagnostic {
	c := &checker{topology: t}
	for _, p := range t.Packages {
		if !p.Root {
			continue
		}
		c.directives(p)
		c.events(p)
	}
	c.uniqueEvents()
	return diag.Sort(c.diags)
}

func (c *checker) add(d diag.Diagnostic) { c.diags = append(c.diags, d) }
