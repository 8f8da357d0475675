package necrotel_test

import (
	"context"
	"fmt"
	"log"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// One option makes the spans. A program has an exporter in place of the one that keeps them here.
func ExampleTrace() {
	ctx := context.Background()
	spans := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	spine, err := necro.New(memory.New(),
		necro.WithOrgans(&Till{}, &Depot{}, &Desk{done: func() {}}),
		necrotel.Trace(provider),
	)
	if err != nil {
		log.Fatal(err)
	}
	if err := spine.Publish(ctx, &Ordered{N: 1}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.SpanKind, span.Name)
	}
	// Output:
	// producer publish NECROTEL_ORDERED
	// consumer process NECROTEL_ORDERED
	// consumer process NECROTEL_PAID
	// consumer process NECROTEL_SENT
}

// Metrics are connected with a spine twice: by their option, and by Watch. A program has a
// reader that exports, or Prometheus' own exporter, in place of the one that is read here.
func ExampleMetrics() {
	ctx := context.Background()
	reader := metric.NewManualReader()
	metrics, err := necrotel.NewMetrics(metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		log.Fatal(err)
	}
	spine, err := necro.New(memory.New(),
		necro.WithOrgans(&Till{}, &Depot{}, &Desk{done: func() {}}),
		metrics.Instrument(),
	)
	if err != nil {
		log.Fatal(err)
	}
	if err := metrics.Watch(spine); err != nil {
		log.Fatal(err)
	}
	defer metrics.Close()

	if err := spine.Publish(ctx, &Ordered{N: 1}); err != nil {
		log.Fatal(err)
	}
	if _, err := spine.Drain(ctx); err != nil {
		log.Fatal(err)
	}
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &collected); err != nil {
		log.Fatal(err)
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		if m.Name == "necro.deliveries.handled" {
			for _, point := range m.Data.(metricdata.Sum[float64]).DataPoints {
				organ, _ := point.Attributes.Value("organ")
				fmt.Println(m.Name, organ.AsString(), point.Value)
			}
		}
	}
	// Unordered output:
	// necro.deliveries.handled necrotel.Till 1
	// necro.deliveries.handled necrotel.Depot 1
	// necro.deliveries.handled necrotel.Desk 1
}

// A hundredth of the chains has spans, and the others cost next to nothing: no sampler is asked for them, and their events have no header.
func ExampleWithRatio() {
	provider := sdk.NewTracerProvider() // with its own sampler, which takes what it is asked for
	spine, err := necro.New(memory.New(),
		necro.WithOrgans(&Till{}, &Depot{}, &Desk{done: func() {}}),
		necrotel.Trace(provider, necrotel.WithRatio(0.01)),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spine.Running())
	// Output: false
}
