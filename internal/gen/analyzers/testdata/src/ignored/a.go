// Package ignored has comments that silence findings.
package ignored

import "context"

type Order struct{ ID string }

//necro:organ
type Organ struct{}

//necro:handle
func (*Organ) Handle(_ context.Context, o *Order) {
	//lint:ignore necro/eventwrite it is never shared
	o.ID = ""
	o.ID = "" //lint:ignore necro/eventwrite it is never shared
	//lint:ignore necro/publish that is another analyzer
	o.ID = "" // want `writes to o.ID`

	o.ID = "" // want `writes to o.ID`
	/* want `necro/eventwrite: there is nothing to silence here` */ //lint:ignore necro/eventwrite it is never shared
	_ = o
	//lint:ignore necro/eventwrite
	o.ID = "" // want `writes to o.ID`
}
