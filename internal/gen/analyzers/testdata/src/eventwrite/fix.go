package eventwrite

import "context"

//necro:organ
type Fixed struct {
	names  []string
	labels map[string]string
	flat   *Flat
	flats  []*Flat
	queue  chan *Flat
	lines  map[string][]*Line
}

//necro:handle
func (x *Fixed) Append(_ context.Context, o *Order) {
	_ = append(o.Names, "x") // want `Append appends to a slice of its event: .*\n\thint: append to slices.Clip\(o.Names\)`
	all := o.Lines
	for range 3 {
		all = append(all, Line{}) // want `Append appends to a slice of its event`
	}
}

//necro:handle
func (x *Fixed) Keep(_ context.Context, o *Order) {
	x.names = o.Names          // want `Keep keeps a reference to its event in x.names: .*\n\thint: keep a copy: slices.Clone\(o.Names\)`
	x.labels = o.Labels        // want `Keep keeps .*\n.* maps.Clone\(o.Labels\)`
	x.names = o.Names[1:]      // want `Keep keeps a reference to its event in x.names`
	x.lines[o.ID] = o.Pointers // want `Keep keeps a reference to its event in x.lines\[o.ID\]`
}

//necro:handle
func (x *Fixed) Flat(_ context.Context, f *Flat) {
	x.flat = f                   // want `Flat keeps .*\n\thint: keep a copy: new\(\*f\)`
	x.flats = append(x.flats, f) // want `Flat keeps a reference to its event in x.flats`
	x.queue <- f                 // want `Flat keeps a reference to its event in x.queue`
}
