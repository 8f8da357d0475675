package organstate

import "context"

// What a test declares runs in one process.
//
//necro:organ
type Recorder struct{ got []Order }

//necro:handle
func (r *Recorder) Record(_ context.Context, o Order) { r.got = append(r.got, o) }
