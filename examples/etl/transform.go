package main

import "context"

// Transform makes of penguins the values that are counted: kilograms and centimeters, and the shape of the beak,
// which tells the species apart better than its size.
//
//necro:organ transform concurrency=2
type Transform struct{}

// Transform transforms rows.
//
//necro:handle
func (*Transform) Transform(_ context.Context, e *RowsCleaned) (*RowsTransformed, error) {
	out := &RowsTransformed{Run: e.Run, Range: e.Range, Rejects: e.Rejects, Samples: make([]Sample, len(e.Penguins))}
	for i := range e.Penguins {
		out.Samples[i] = sampleOf(&e.Penguins[i])
	}
	return out, nil
}

func sampleOf(p *Penguin) Sample {
	s := Sample{
		Group:   Group{p.Species, p.Island, "female"},
		Mass:    p.Mass.divideBy(1000),
		Flipper: p.Flipper.divideBy(10),
		Beak:    (p.BeakLength * one).divideBy(int64(p.BeakDepth)),
	}
	if p.Male {
		s.Group.Sex = "male"
	}
	return s
}
