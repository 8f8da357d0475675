package difftest

import (
	"github.com/necrostack/necrogen/internal/difftest/other"
	"github.com/necrostack/necrogen/internal/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
)

// events are all annotated structs.
var events = []necro.Event{
	new(shapes.Scalars), new(shapes.Naming), new(shapes.Sequences), new(shapes.Pointers),
	new(shapes.Nesting), new(shapes.Nothing), new(shapes.Omitting), new(shapes.AllOmitted),
	new(shapes.Many), new(shapes.Ruled),
	new(shapes.Chosen), new(shapes.Diving), new(shapes.Entering), new(shapes.Checked),
	new(shapes.Holder), new(other.Invoice),
}
