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
		out.Samples[i] = sample(&e.Penguins[i])
	}
	return out, nil
}

func sample(p *Penguin) Sample {
	s := Sample{
		Group:   Group{p.Species, p.Island, "female"},
		Mass:    p.Mass.over(1000),
		Flipper: p.Flipper.over(10),
		Beak:    (p.BeakLength * one).over(int64(p.BeakDepth)),
	}
	if p.Male {
		s.Group.Sex = "male"
	}
	return s
}
