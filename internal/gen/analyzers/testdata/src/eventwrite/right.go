package eventwrite

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sort"

	necro "github.com/necrostack/necrogen/runtime"
)

//necro:organ
type Right struct {
	count   int
	names   []string
	lines   []Line
	last    Flat
	amounts map[string]int
	queue   chan string
}

//necro:handle
func (r *Right) Copies(_ context.Context, o *Order) (*Order, error) {
	c := *o
	c.Amount = 2
	c.Codes[1] = 3
	c.Lines = slices.Clone(o.Lines)
	c.Lines[0].Quantity = 1
	c.Labels = maps.Clone(c.Labels)
	c.Labels["a"] = "b"
	names := append([]string(nil), o.Names...)
	sort.Strings(names)
	own := slices.Clone(o.Pointers)
	own[0] = nil
	_ = append(o.Names[:1:1], "x")
	_ = append(slices.Clip(o.Names), "x")
	lines := o.Lines[:0:0]
	for _, l := range o.Lines {
		l.Quantity = 2
		lines = append(lines, l)
	}
	o = &Order{}
	o.Amount = 3
	return &c, nil
}

//necro:handle
func (r *Right) Picks(_ context.Context, o *Order) (*Order, error) {
	var some, others []string
	for _, name := range o.Names {
		switch {
		case name == "":
			others = append(others, name)
		case len(name) > 3:
			some = append(some, name)
		}
	}
	return &Order{Names: some, Amount: len(others)}, nil
}

//necro:handle
func (r *Right) Doubt(_ context.Context, o *Order) {
	lines := o.Lines
	if o.Amount > 3 {
		lines = slices.Clone(lines)
	}
	lines[0].Quantity = 1
	c := *o
	c.own()
	c.Lines[0].Quantity = 2
	r.look(o)
	if p, ok := o.Any.(*Line); ok {
		p.Quantity = 3
	}
}

func (o *Order) own() { o.Lines = slices.Clone(o.Lines) }

func (r *Right) look(o *Order) int {
	c := *o
	c.Amount++
	if o.Parent != nil {
		return r.look(o.Parent)
	}
	return c.Amount
}

//necro:handle
func (r *Right) Value(_ context.Context, o Placed) Placed {
	o.Amount = 2
	o.Lines = slices.Clone(o.Lines)
	o.Lines[0].Quantity = 1
	o.Address.City = "Rome"
	return o
}

// A handler may keep what is no reference, and hand its event on.
//
//necro:handle
func (r *Right) Keeps(ctx context.Context, o *Order, emit necro.Emit[Placed]) (*Order, error) {
	r.count += o.Amount
	r.names = append(r.names, o.ID)
	r.names = append(r.names, o.Names...)
	r.lines = append(r.lines, o.Lines[0])
	r.last = Flat{o.ID, o.At}
	r.amounts[o.ID] = o.Amount
	r.queue <- o.Address.City
	local := map[string]*Order{o.ID: o}
	delete(local, o.ID)
	done := make(chan *Order, 1)
	done <- o
	if _, err := json.Marshal(o); err != nil {
		return nil, err
	}
	emit(Placed(*o))
	return o, nil
}

//necro:handle
func (r *Right) KeepsFlat(_ context.Context, f Flat) { r.last = f }

//necro:handle
func (r *Right) KeepsCopy(_ context.Context, f *Flat) { r.last = *f }

// Kept is a state, which a handler may change.
type Kept struct {
	Amount int
	Names  []string
}

//necro:handle
func (r *Right) Remembers(_ context.Context, k *Kept, o *Order, emit necro.Emit[Placed]) error {
	k.Amount += o.Amount
	k.Names = append(k.Names, o.ID)
	return nil
}
