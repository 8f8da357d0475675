package engine

import (
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// nominalTime returns the nominal time of a delivery that is a tick of a schedule, and zero for others. A tick
// carries it as the time of the event, and is told by its id, which is a hash of that time.
func (o *Organ) nominalTime(d *contract.Delivery) time.Time {
	if !o.ticks {
		return time.Time{}
	}
	r, _ := o.findRoute(d)
	if r == nil || r.Event.Every == nil || d.ID != contract.TickID(o.EventIdentity(r.Event.Name), d.Nanos) {
		return time.Time{}
	}
	return d.Time()
}
