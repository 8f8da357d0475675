package organstate

import (
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

// Named is mended at its directive.
//
/* want `organ Named keeps state in memory, in byID` */ //necro:organ named retry=3
type Named struct{ byID map[necro.ID]Order }

//necro:handle
func (n *Named) Handle(ctx context.Context, o Order) {
	meta, _ := necro.MetaFrom(ctx)
	n.byID[meta.ID] = o
}
