package lintignore

import "context"

type Order struct{ ID string }

//necro:organ
type Organ struct{}

//necro:handle
func (*Organ) Handle(_ context.Context, o *Order) {
	/* want `necro/lintignore: the reason is missing, so nothing is silenced` */ //lint:ignore necro/eventwrite
	o.ID = ""
	/* want `necro/lintignore: there is no analyzer necro/eventwrites\n\thint: did you mean necro/eventwrite\?` */ //lint:ignore necro/eventwrites for fun
	//lint:ignore SA1000,S1000 for others to judge
	//lint:ignore necro/eventwrite,SA1000 it is never shared
	o.ID = ""
}
