package eventwrite

import (
	"context"
	"encoding/json"
	"sort"

	necro "github.com/necrostack/necrogen/runtime"
)

//necro:organ
type Wrong struct {
	name string
}

//necro:handle
func (w *Wrong) Field(_ context.Context, o *Order) {
	o.Amount = 2             // want `necro/eventwrite: Field writes to o.Amount, which is of its event: other organs and the publisher share that memory\n\thint: change a copy: c := \*o`
	o.Amount++               // want `Field writes to o.Amount`
	o.Address.City = "Paris" // want `Field writes to o.Address.City`
	o.Labels["a"] = "b"      // want `Field writes to o.Labels\["a"\], .*\n\thint: change a copy, as of slices.Clone or maps.Clone`
	o.Lines[0].Quantity = 1  // want `Field writes to o.Lines\[0\].Quantity`
	o.Codes[1] = 1           // want `Field writes to o.Codes\[1\]`
	*o = Order{}             // want `Field writes to \*o`
	w.name = o.ID
}

// A copy of the event shares its slices, maps and pointers.
//
//necro:handle
func (w *Wrong) Value(_ context.Context, o Placed) {
	o.Amount = 2
	o.Lines[0].Quantity = 1    // want `Value writes to o.Lines\[0\].Quantity`
	o.Labels["a"] = "b"        // want `Value writes to o.Labels`
	o.Parent.Amount = 3        // want `Value writes to o.Parent.Amount`
	o.Address.Tags[0] = "home" // want `Value writes to o.Address.Tags\[0\]`
}

//necro:handle
func (w *Wrong) Aliases(_ context.Context, o *Order) {
	lines := o.Lines
	lines[0].Quantity = 1 // want `Aliases writes to lines\[0\].Quantity`
	l := &o.Lines[0]
	l.Quantity = 1 // want `Aliases writes to l.Quantity`
	for _, p := range o.Pointers {
		p.Quantity = 1 // want `Aliases writes to p.Quantity`
	}
	for i := range o.Lines {
		o.Lines[i].Quantity = 0 // want `Aliases writes to`
	}
	for p := o; p != nil; p = p.Parent {
		p.Amount = 0 // want `Aliases writes to p.Amount`
	}
	var found *Line
	for i, l := range o.Lines {
		if l.Quantity > 1 {
			found = &o.Lines[i]
		}
	}
	if found != nil {
		found.Quantity = 1 // want `Aliases writes to found.Quantity`
	}
	c := *o
	c.Amount = 1
	c.Lines[0].Quantity = 1 // want `Aliases writes to c.Lines\[0\].Quantity`
	func() {
		o.Amount = 3 // want `Aliases writes to o.Amount`
	}()
	for o.Amount = range 3 { // want `Aliases writes to o.Amount`
	}
}

//necro:handle
func (w *Wrong) Builtins(_ context.Context, o *Order) {
	delete(o.Labels, "a")       // want `Builtins lets delete write to o.Labels, which is of its event: other`
	clear(o.Labels)             // want `Builtins lets clear write to o.Labels`
	copy(o.Lines, []Line{{}})   // want `Builtins lets copy write to o.Lines`
	_ = append(o.Names[:1], "") // want `Builtins appends to a slice of its event`
}

//necro:handle
func (w *Wrong) Calls(_ context.Context, o *Order) {
	sort.Strings(o.Names)                                                           // want `Calls lets sort.Strings write to o.Names`
	sort.Slice(o.Lines, func(i, j int) bool { return o.Lines[i].less(o.Lines[j]) }) // want `Calls lets sort.Slice write to o.Lines`
	json.Unmarshal(nil, &o.Lines)                                                   // want `Calls lets encoding/json.Unmarshal write to &o.Lines`
	trim(o)                                                                         // want `Calls lets trim write to o, which is of its event`
	o.trim()                                                                        // want `Calls lets trim write to o`
	w.sorted(1, o.Names)                                                            // want `Calls lets sorted write to o.Names`
	func(o *Order) { o.Amount = 1 }(o)                                              // want `lets .* write to o`
}

func trim(o *Order) { o.trim() }

func (o *Order) trim() { o.Address.City = "" }

func (l Line) less(o Line) bool { return l.Quantity < o.Quantity }

func (w *Wrong) sorted(_ int, names []string) { sort.Sort(sort.StringSlice(names)) }

//necro:handle
func (w *Wrong) Interface(_ context.Context, e necro.Event) {
	switch e := e.(type) {
	case *Order:
		e.Amount = 1 // want `Interface writes to e.Amount`
	case *Placed:
		e.Amount = 1 // want `Interface writes to e.Amount`
	}
	if o, ok := e.(*Order); ok {
		o.Amount = 1 // want `Interface writes to o.Amount`
	}
	e.(*Order).Amount = 1 // want `Interface writes to e.\(\*Order\).Amount`
}

//necro:handle
func (w *Wrong) WithState(_ context.Context, k *Kept, o *Order) {
	k.Amount = 1
	o.Amount = 2 // want `WithState writes to o.Amount, which is of its event`
}
