package eventwrite

import "context"

//necro:handle
func (u *Unfixed) Shadowed(_ context.Context, p *Placed) {
	slices := 1
	_ = slices
	u.names = p.Names // want `Shadowed keeps a reference to its event in u.names`
}
