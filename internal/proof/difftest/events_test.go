package difftest

import (
	"github.com/necrostack/necrogen/internal/proof/difftest/other"
	"github.com/necrostack/necrogen/internal/proof/difftest/shapes"
	necro "github.com/necrostack/necrogen/runtime"
)

// events are all annotated structs.
var events = []necro.Event{
	new(shapes.Scalars), new(shapes.Naming), new(shapes.Sequences), new(shapes.Pointers),
	new(shapes.Nesting), new(shapes.Nothing), new(shapes.Omitting), new(shapes.AllOmitted),
	new(shapes.Many), new(shapes.Ruled),
	new(shapes.Chosen), new(shapes.Diving), new(shapes.Entering), new(shapes.Checked),
	new(shapes.Holder), new(other.Invoice),
	new(shapes.Owned), new(shapes.OwnedInside), new(shapes.Errors), new(shapes.OwnedOmitted),
	new(shapes.Keyed), new(shapes.KeyedOwn), new(shapes.Twice), new(shapes.Unnamed), new(shapes.Embedding),
	new(shapes.EmbeddingOmits), new(shapes.EmbeddingArray), new(shapes.Recursive),
	new(shapes.Generic), new(shapes.Alias), new(shapes.Family), new(shapes.Before), new(shapes.After),
	new(shapes.Texts), new(shapes.Codes), new(shapes.Numbers), new(shapes.Shaped), new(shapes.Present),
	new(shapes.Related), new(shapes.Conditional), new(shapes.Unique), new(shapes.Seen), new(shapes.Mingled), new(shapes.Nilled),
}
