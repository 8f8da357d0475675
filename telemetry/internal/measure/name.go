package measure

import "strings"

// Prometheus returns the metric's name as Prometheus writes it: with underscores, its unit, and
// _total for a counter. It is what OpenTelemetry's own rules make of the name.
func (m *Metric) Prometheus() string {
	name := strings.ReplaceAll(m.Name, ".", "_")
	switch m.Unit {
	case "s":
		name += "_seconds"
	case "By":
		name += "_bytes"
	}
	if m.Counter {
		name += "_total"
	}
	return name
}
