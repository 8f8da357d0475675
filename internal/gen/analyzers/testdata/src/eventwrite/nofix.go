package eventwrite

import (
	"context"
	list "slices"
)

//necro:organ
type Unfixed struct{ names []string }

// Renamed is not mended: what mends it has another name here.
//
//necro:handle
func (u *Unfixed) Renamed(_ context.Context, o *Order) {
	list.Sort(u.names)
	u.names = o.Names // want `Renamed keeps a reference to its event in u.names`
}
