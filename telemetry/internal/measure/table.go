package measure

import (
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Metric is a metric as OpenTelemetry names it.
type Metric struct {
	Name    string
	Help    string
	Unit    string // "s", "By", or the counted thing, in braces
	Counter bool   // else a gauge
	Labels  []string

	route func(*necro.RouteStats) uint64
	organ func(*necro.OrganState) int
	store func(*contract.OrganHealth) float64
	park  func(*contract.ParkHealth) int
	spine func(*necro.Stats) uint64
}

// Labels of metrics.
const (
	LabelOrgan = "organ"
	LabelEvent = "event"
)

// Duration is the histogram of handler calls, and InFlight counts those that run: both are
// kept by middleware, and so not read from a spine.
var (
	Duration = Metric{Name: "necro.handler.duration", Help: "How long calls of a handler took.", Unit: "s",
		Labels: []string{LabelOrgan, LabelEvent}}
	InFlight = Metric{Name: "necro.handlers.in_flight", Help: "Calls of a handler that run.", Unit: "{call}",
		Labels: []string{LabelOrgan, LabelEvent}}
	// Up is 1 while the backend answers.
	Up = Metric{Name: "necro.backend.up", Help: "1 while the backend answers, else 0.", Unit: "{backend}"}
	// Running is 1 while Run or Drain serves.
	Running = Metric{Name: "necro.running", Help: "1 while the organs of this process run, else 0.", Unit: "{spine}"}
)

// Buckets are the bounds of Duration, in seconds.
var Buckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// Table holds all metrics that are read from a spine, but for Up and Running.
var Table = []Metric{
	byRoute("handled", "Deliveries that were settled as done.", func(r *necro.RouteStats) uint64 { return r.Handled }),
	byRoute("failed", "Deliveries whose attempt failed: retried, dead or dropped.", func(r *necro.RouteStats) uint64 { return r.Retried + r.Dead + r.Dropped }),
	byRoute("retried", "Failed attempts that are tried again.", func(r *necro.RouteStats) uint64 { return r.Retried }),
	byRoute("dead", "Deliveries that became dead letters.", func(r *necro.RouteStats) uint64 { return r.Dead }),
	byRoute("dropped", "Deliveries that were given up with onfail=drop.", func(r *necro.RouteStats) uint64 { return r.Dropped }),
	byRoute("declined", "Deliveries that were handed back, since this program has no handler for them.", func(r *necro.RouteStats) uint64 { return r.Declined }),
	byRoute("lost", "Outcomes that counted for nothing, since somebody else settled first.", func(r *necro.RouteStats) uint64 { return r.Lost }),
	{Name: "necro.events.emitted", Help: "Events that handled deliveries emitted.", Unit: "{event}", Counter: true,
		Labels: []string{LabelOrgan, LabelEvent}, route: func(r *necro.RouteStats) uint64 { return r.Emitted }},
	{Name: "necro.handlers.abandoned", Help: "Calls that ignored their cancelled context and were abandoned.", Unit: "{call}", Counter: true,
		Labels: []string{LabelOrgan, LabelEvent}, route: func(r *necro.RouteStats) uint64 { return r.Abandoned }},

	{Name: "necro.events.published", Help: "Events that this process published.", Unit: "{event}", Counter: true,
		spine: func(s *necro.Stats) uint64 { return s.Published }},
	{Name: "necro.backend.errors", Help: "Calls of the backend that failed while organs ran.", Unit: "{error}", Counter: true,
		spine: func(s *necro.Stats) uint64 { return s.BackendFailures }},

	byOrgan("necro.breaker.open", "1 while the breaker pauses the organ in this process, else 0.", "{breaker}",
		func(o *necro.OrganState) int { return number(o.Open) }),
	byOrgan("necro.organ.stuck", "1 while abandoned handlers take all slots of the organ in this process, else 0.", "{organ}",
		func(o *necro.OrganState) int { return number(o.Stuck) }),

	byStore("lag", "Deliveries that are stored and ready, and that no process has fetched.", "{delivery}",
		func(h *contract.OrganHealth) float64 { return float64(h.Ready) }),
	byStore("leased", "Deliveries that processes have fetched and not settled.", "{delivery}",
		func(h *contract.OrganHealth) float64 { return float64(h.Leased) }),
	byStore("scheduled", "Deliveries that wait for their time: retried or declined.", "{delivery}",
		func(h *contract.OrganHealth) float64 { return float64(h.Scheduled) }),
	byStore("depth", "Deliveries that are stored: ready, leased and scheduled.", "{delivery}",
		func(h *contract.OrganHealth) float64 { return float64(h.Ready + h.Leased + h.Scheduled) }),
	byStore("oldest_pending.age", "Age of the oldest event that is ready; 0 without any.", "s",
		func(h *contract.OrganHealth) float64 { return h.Oldest.Seconds() }),
	byStore("oldest_lease.age", "How long ago the lease was renewed that was not renewed for the longest time; 0 without any.", "s",
		func(h *contract.OrganHealth) float64 { return h.OldestLeased.Seconds() }),
	byStore("dead_letters", "Dead letters that are kept.", "{letter}",
		func(h *contract.OrganHealth) float64 { return float64(h.Dead) }),
	byStore("dead_letters.size", "Bytes of the dead letters that are kept.", "By",
		func(h *contract.OrganHealth) float64 { return float64(h.DeadBytes) }),
	byStore("consumers", "Processes that consume.", "{process}",
		func(h *contract.OrganHealth) float64 { return float64(h.Consumers) }),
	byStore("paused", "1 while the organ is paused for all processes, else 0.", "{organ}",
		func(h *contract.OrganHealth) float64 { return float64(number(h.Paused != "")) }),

	{Name: "necro.parked.events", Help: "Events that wait for a first subscriber.", Unit: "{event}",
		Labels: []string{LabelEvent}, park: func(p *contract.ParkHealth) int { return p.Parked }},
	{Name: "necro.parked.dropped", Help: "Parked events that were let go, since the park was full.", Unit: "{event}",
		Labels: []string{LabelEvent}, park: func(p *contract.ParkHealth) int { return p.Dropped }},
}

// byRoute is a counter of deliveries for each handler of this process.
func byRoute(what, help string, of func(*necro.RouteStats) uint64) Metric {
	return Metric{Name: "necro.deliveries." + what, Help: help, Unit: "{delivery}", Counter: true,
		Labels: []string{LabelOrgan, LabelEvent}, route: of}
}

// byOrgan is a gauge of an organ in this process.
func byOrgan(name, help, unit string, of func(*necro.OrganState) int) Metric {
	return Metric{Name: name, Help: help, Unit: unit, Labels: []string{LabelOrgan}, organ: of}
}

// byStore is a gauge of what the backend holds for an organ, over all processes.
func byStore(what, help, unit string, of func(*contract.OrganHealth) float64) Metric {
	return Metric{Name: "necro.organ." + what, Help: help, Unit: unit, Labels: []string{LabelOrgan}, store: of}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
