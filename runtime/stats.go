package necro

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/necrostack/necrogen/runtime/internal/engine"
)

// Stats counts what a spine did in this process since New.
type Stats struct {
	Published       uint64 // events that Publish and PublishBatch stored
	BackendFailures uint64 // failed calls of the backend
	Counts                 // over all organs
	Routes          []RouteStats
}

// String lists the counts that are not zero, without the routes: "4 published, 3 handled, 1 retried".
func (s Stats) String() string {
	var parts []string
	for _, c := range []struct {
		n    uint64
		what string
	}{
		{s.Published, "published"}, {s.Handled, "handled"}, {s.Retried, "retried"}, {s.Dead, "dead"},
		{s.Dropped, "dropped"}, {s.Declined, "declined"}, {s.Emitted, "emitted"}, {s.Abandoned, "abandoned"},
		{s.Lost, "lost"}, {s.BackendFailures, "backend failures"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing done")
}

// RouteStats counts for one organ and one event.
type RouteStats struct {
	Organ string
	Event string // empty for events that the organ has no handler for
	Counts
}

// Counts counts deliveries by what became of them. A delivery with three attempts counts
// as two retried and one handled, dead or dropped.
type Counts struct {
	Handled   uint64 // settled as done
	Retried   uint64 // failed attempts that are tried again
	Dead      uint64 // became dead letters
	Dropped   uint64 // given up with onfail=drop
	Declined  uint64 // handed back, for this program has no handler for them
	Emitted   uint64 // events that handled deliveries emitted
	Abandoned uint64 // handlers that ignored their cancelled context
	Lost      uint64 // outcomes that counted for nothing, because another process settled first
}

func (c *Counts) addCounts(other Counts) {
	c.Handled += other.Handled
	c.Retried += other.Retried
	c.Dead += other.Dead
	c.Dropped += other.Dropped
	c.Declined += other.Declined
	c.Emitted += other.Emitted
	c.Abandoned += other.Abandoned
	c.Lost += other.Lost
}

// loadCounts reads the counters of a route.
func loadCounts(c *engine.Counters) Counts {
	return Counts{
		Handled: c.Handled.Load(), Retried: c.Retried.Load(), Dead: c.Dead.Load(), Dropped: c.Dropped.Load(),
		Declined: c.Declined.Load(), Emitted: c.Emitted.Load(), Abandoned: c.Abandoned.Load(), Lost: c.Lost.Load(),
	}
}

// Stats returns the counters, which may be a moment apart.
func (s *Spine) Stats() Stats {
	stats := Stats{Published: s.published.Load(), BackendFailures: s.engine.Calls.Failures()}
	for _, o := range s.organs {
		for _, r := range o.Routes() {
			counts := loadCounts(&r.Counters)
			stats.Routes = append(stats.Routes, RouteStats{o.Name, r.Event.Name, counts})
			stats.Counts.addCounts(counts)
		}
		if unrouted := loadCounts(o.Unrouted()); unrouted != (Counts{}) {
			stats.Routes = append(stats.Routes, RouteStats{o.Name, "", unrouted})
			stats.Counts.addCounts(unrouted)
		}
	}
	return stats
}
