// Package measure has the metrics of a spine in one table, for the modules in telemetry that
// hand them to Prometheus and OpenTelemetry. So both tell the same under the same names.
//
//	table.go   the metrics, and where their values come from
//	read.go    one reading of a spine
//	name.go    a metric's name as Prometheus writes it
package measure
