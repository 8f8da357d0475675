package measure

import (
	"context"
	"slices"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Timeout is how long a reading waits for the backend.
const Timeout = 3 * time.Second

// Read reads all metrics of a spine, and hands each value to a function, with the values of
// the metric's labels, in order. What only the backend knows is left out when it does not
// answer, and is told of the organs of this spine alone, but for parked events.
func Read(ctx context.Context, s *necro.Spine, emit func(m *Metric, value float64, labels ...string)) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	stats, h := s.Stats(), s.Health(ctx)
	emit(&Up, float64(number(h.Backend.Err == nil)))
	emit(&Running, float64(number(h.Running)))
	own := func(organ string) bool {
		return slices.ContainsFunc(h.Organs, func(o necro.OrganState) bool { return o.Organ == organ })
	}
	for i := range Table {
		Table[i].readValues(&stats, &h, own, emit)
	}
}

// readValues hands out the values of one metric.
func (m *Metric) readValues(stats *necro.Stats, h *necro.SpineHealth, own func(string) bool, emit func(*Metric, float64, ...string)) {
	switch {
	case m.spine != nil:
		emit(m, float64(m.spine(stats)))
	case m.route != nil:
		for _, r := range stats.Routes {
			emit(m, float64(m.route(&r)), r.Organ, r.Event)
		}
	case m.organ != nil:
		for _, o := range h.Organs {
			emit(m, float64(m.organ(&o)), o.Organ)
		}
	case m.store != nil:
		for _, o := range h.Backend.Organs {
			if own(o.Organ) {
				emit(m, m.store(&o), o.Organ)
			}
		}
	case m.park != nil:
		for _, p := range h.Backend.Parked {
			emit(m, float64(m.park(&p)), p.Event)
		}
	}
}
