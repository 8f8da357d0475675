package eventwrite

import "context"

// Recorder keeps what came, for a test to look at.
//
//necro:organ
type Recorder struct{ got []*Order }

//necro:handle
func (r *Recorder) Record(_ context.Context, o *Order) { r.got = append(r.got, o) }

//necro:handle
func (r *Recorder) Write(_ context.Context, p *Placed) {
	p.Amount = 1 // want `Write writes to p.Amount`
}
