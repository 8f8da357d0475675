package ignored

import "context"

//lint:file-ignore necro/eventwrite,necro/publish nothing of this is shared

//necro:handle
func (*Organ) Other(_ context.Context, o *Order) {
	o.ID = ""
	o.ID = "x"
}
