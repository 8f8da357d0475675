package necrotel_test

import (
	"context"
	"fmt"
	"log"

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
