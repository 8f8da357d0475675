package main

import (
	"context"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/necroprom"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// telemetryContests: what tracing and metrics cost. The speed of ours, which is without, against
// the others' is how many times as long a chain takes with them.
func telemetryContests() []contest {
	return []contest{{
		name:  "telemetry",
		title: "memory: the same chain without and with telemetry; 4 spans and 3 durations a chain",
		ours:  contestant{"necro, all defaults", spineChain},
		peers: []peer{
			{contestant{"with Prometheus' metrics", observedWork(prometheusMetrics)}, goal{}},
			{contestant{"with OpenTelemetry's metrics", observedWork(openTelemetry)}, goal{}},
			{contestant{"with traces, 1 % sampled", observedWork(traceExport(everything, necrotel.WithRatio(0.01)))}, slower(1.3)},
			{contestant{"with traces, 1 % by the provider's sampler", observedWork(traceExport(hundredth))}, goal{}},
			{contestant{"with traces, all sampled", observedWork(traceExport(everything))}, slower(15)},
			{contestant{"with both of OpenTelemetry, 1 % sampled", observedWork(traceExport(everything, necrotel.WithRatio(0.01)), openTelemetry)}, goal{}},
			{contestant{"with both of OpenTelemetry, all sampled", observedWork(traceExport(everything), openTelemetry)}, goal{}},
		},
	}}
}

// instrument makes an option of necro.New, and a function that releases its resources.
type instrument func() (option necro.Option, leave func())

// observedWork is the chain with instruments.
func observedWork(instruments ...instrument) func() work {
	return func() work {
		var options []necro.Option
		var leaves []func()
		for _, with := range instruments {
			option, leave := with()
			options, leaves = append(options, option), append(leaves, leave)
		}
		w := chainWith(options...)
		stop := w.leave
		w.leave = func() {
			stop()
			for _, leave := range leaves {
				leave()
			}
		}
		return w
	}
}

func prometheusMetrics() (necro.Option, func()) {
	return necroprom.NewMetrics().Instrument(), func() {}
}

// openTelemetry has a reader, without which nothing would be measured.
func openTelemetry() (necro.Option, func()) {
	provider := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	metrics, err := necrotel.NewMetrics(provider)
	checkError(err)
	return metrics.Instrument(), func() { checkError(provider.Shutdown(context.Background())) }
}

// everything is the sampler that a provider has by default; hundredth samples a chain of a hundred, with all of its spans.
var (
	everything = trace.ParentBased(trace.AlwaysSample())
	hundredth  = trace.ParentBased(trace.TraceIDRatioBased(0.01))
)

// traceExport go through the SDK's batches to an exporter that throws them away.
func traceExport(sampler trace.Sampler, options ...necrotel.TraceOption) instrument {
	return func() (necro.Option, func()) {
		provider := trace.NewTracerProvider(trace.WithSampler(sampler), trace.WithBatcher(nowhere{}))
		return necrotel.Trace(provider, options...), func() { checkError(provider.Shutdown(context.Background())) }
	}
}

// nowhere is an exporter.
type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []trace.ReadOnlySpan) error { return nil }
func (nowhere) Shutdown(context.Context) error                          { return nil }
